import type { SendMessageCommand } from '@parley/contracts/messages.ts'
import type { AdvanceReceiptCommand, ReceiptResponse } from '@parley/contracts/receipts.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Caller } from '@parley/platform/tokens/verify-token.ts'

/** What the gateway needs of chat, on behalf of a caller. Everything here rejects with a ParleyError. */
export interface ChatPort {
  /** Resolves once the entry is stored for good; a replay resolves to the stored one. */
  sendMessage(caller: Caller, command: SendMessageCommand): Promise<TimelineEntry>
  advanceReceipt(caller: Caller, command: AdvanceReceiptCommand): Promise<ReceiptResponse>
  /** @throws ParleyError `conversation-not-found`, also when the caller is no member */
  memberIds(caller: Caller, conversationId: string): Promise<readonly string[]>
}
