import type { advanceReceipt, AdvanceReceiptRequest, ReceiptResponse } from '@parley/contracts/receipts.ts'
import type { Command } from '../connection/open-link.ts'
import type { Call } from '../http/call.ts'

/** Moves the user's watermarks forward, over the socket if there is one; tries once. */
export type AdvanceReceipt = (
  conversationId: string,
  watermarks: AdvanceReceiptRequest,
) => Promise<ReceiptResponse>

export function createAdvanceReceipt({
  isConnected,
  command,
  call,
}: {
  isConnected: () => boolean
  command: Command
  call: Call
}): AdvanceReceipt {
  return async (id, watermarks) => {
    if (!isConnected()) {
      return await call<typeof advanceReceipt>('post', '/chat/conversations/:id/receipts', {
        params: { id },
        body: watermarks,
      })
    }
    const { delivered, read } = await command('receipt:advance', { conversationId: id, ...watermarks })
    return { delivered, read }
  }
}
