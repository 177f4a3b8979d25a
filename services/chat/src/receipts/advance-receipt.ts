import type { AdvanceReceiptRequest, ReceiptResponse } from '@parley/contracts/receipts.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { Caller } from '@parley/platform/tokens/verify-token.ts'
import type { ConversationAccess } from '../conversations/conversation-access.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { type OthersUpTo, othersUpTo } from '../unread/others-up-to.ts'
import type { UserLimits } from '../limits/user-limits.ts'
import type { TimelineStore } from '../timeline/timeline-store.ts'
import type { MemberWatermark, ReceiptStore } from './receipt-store.ts'

/** @throws ParleyError `conversation-not-found`, `receipt-beyond-head` or `rate-limited` */
export type AdvanceReceipt = (
  caller: Caller,
  conversationId: string,
  to: AdvanceReceiptRequest,
) => Promise<ReceiptResponse>

/** @param onAdvanced is told of a watermark that moved, and whom to tell; publishes it */
export function createAdvanceReceipt({
  access,
  conversations,
  receipts,
  timeline,
  limits,
  onAdvanced,
}: {
  access: ConversationAccess
  conversations: Pick<ConversationStore, 'findFor'>
  receipts: ReceiptStore
  timeline: TimelineStore
  limits: Pick<UserLimits, 'countRead'>
  onAdvanced: (watermark: MemberWatermark, memberIds: readonly string[]) => void
}): AdvanceReceipt {
  /** Mostly one reads up to the head, where it is known. Nothing is counted for a mark that does not move. */
  async function othersRead(
    to: MemberWatermark,
    atHead: OthersUpTo | undefined,
  ): Promise<number | undefined> {
    const { conversationId, userId, read } = to
    if (atHead?.to === read) return atHead.others
    const mine = (await receipts.findMany([conversationId])).find((mark) => mark.userId === userId)
    if (read <= (mine?.read ?? 0)) return undefined
    const known = [atHead, mine?.atRead].filter((each) => each !== undefined)
    return othersUpTo(timeline, { userId, conversationId, seq: read }, known)
  }

  return async (caller, conversationId, { delivered = 0, read = 0 }) => {
    limits.countRead(caller.userId)
    const { memberIds } = await access.require(caller.userId, conversationId)
    // What was read was delivered.
    const to = { conversationId, userId: caller.userId, delivered: Math.max(delivered, read), read }
    const known = await conversations.findFor(caller.userId, conversationId)
    // It may be behind, never ahead: then the timeline need not be asked.
    if (to.delivered > (known?.head ?? 0)) {
      const head = (await timeline.heads([conversationId])).get(conversationId) ?? 0
      if (to.delivered > head) {
        throw new ParleyError('receipt-beyond-head', { detail: `The newest entry has seq ${head}.` })
      }
    }
    if (to.delivered === 0) return currentOf(await receipts.findMany([conversationId]), caller.userId)

    const others = read > 0 ? await othersRead(to, known?.atHead) : undefined
    const { watermark, advanced } = await receipts.advance(to, others)
    if (advanced) onAdvanced(watermark, memberIds)
    return { delivered: watermark.delivered, read: watermark.read }
  }
}

function currentOf(watermarks: readonly MemberWatermark[], userId: string): ReceiptResponse {
  const found = watermarks.find((watermark) => watermark.userId === userId)
  return { delivered: found?.delivered ?? 0, read: found?.read ?? 0 }
}
