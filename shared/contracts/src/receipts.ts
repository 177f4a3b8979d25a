import { z } from 'zod'
import { operation } from './operation.ts'
import { seq } from './paging.ts'
import { conversationId } from './timeline.ts'

/** How far a member got: `0 ≤ read ≤ delivered ≤ head`. Only ever moves forward. */
export const watermark = z
  .object({ userId: z.uuid(), delivered: seq, read: seq })
  .meta({ id: 'Watermark', description: '0 ≤ read ≤ delivered ≤ head; only ever moves forward.' })
export type Watermark = z.infer<typeof watermark>

const advance = {
  delivered: seq.optional().meta({ description: 'Everything up to this seq reached the device.' }),
  read: seq.optional().meta({ description: 'Everything up to this seq was read; implies delivered.' }),
}
const saysSomething = (value: { delivered?: number | undefined; read?: number | undefined }): boolean =>
  value.delivered !== undefined || value.read !== undefined

export const advanceReceiptRequest = z
  .strictObject(advance)
  .refine(saysSomething, { message: 'must have delivered or read' })
  .meta({ id: 'AdvanceReceiptRequest', anyOf: [{ required: ['delivered'] }, { required: ['read'] }] })
export type AdvanceReceiptRequest = z.infer<typeof advanceReceiptRequest>

export const advanceReceiptCommand = z
  .strictObject({ conversationId, ...advance })
  .refine(saysSomething, { message: 'must have delivered or read' })
  .meta({ id: 'AdvanceReceiptCommand', anyOf: [{ required: ['delivered'] }, { required: ['read'] }] })
export type AdvanceReceiptCommand = z.infer<typeof advanceReceiptCommand>

export const receiptResponse = z.object({ delivered: seq, read: seq }).meta({ id: 'ReceiptResponse' })
export type ReceiptResponse = z.infer<typeof receiptResponse>

export const advanceReceipt = operation({
  id: 'advanceReceipt',
  method: 'post',
  path: '/chat/conversations/:id/receipts',
  tag: 'Receipts',
  summary: 'Move the caller’s watermarks forward; going back changes nothing',
  description:
    'At least one of `delivered` and `read`. What lies behind the present watermarks is no error, and changes nothing; what is read is delivered, too.',
  authenticated: true,
  params: z.strictObject({ id: conversationId }),
  body: advanceReceiptRequest,
  example: { delivered: 1, read: 1 },
  responses: { 200: receiptResponse },
  problems: ['conversation-not-found', 'receipt-beyond-head', 'rate-limited'],
})
