import type { HeadsResponse } from '@parley/contracts/conversations.ts'
import { decodeCursor, encodeCursor } from './change-cursor.ts'
import type { ConversationStore } from './conversation-store.ts'

/** @throws ParleyError `validation-failed` for a cursor that it never gave */
export type GetHeads = (userId: string, cursor: string | undefined) => Promise<HeadsResponse>

/**
 * Says what changed for a user since a cursor.
 *
 * The last cursor of a round points some seconds before its beginning. A commit that was under way then, or
 * one whose writer's clock is behind ours by less than the overlap, is told of in the next round; a client
 * that has those entries already ignores the head.
 *
 * @param overlapMs more than a commit takes plus what clocks differ by
 */
export function createGetHeads({
  conversations,
  overlapMs = 30_000,
  pageSize = 500,
}: {
  conversations: ConversationStore
  overlapMs?: number
  pageSize?: number
}): GetHeads {
  return async (userId, cursor) => {
    const { position: after, begunAt = Date.now() } =
      cursor === undefined ? { position: { changedAt: 0, conversationId: '' } } : decodeCursor(cursor)
    const changes = await conversations.changesFor(userId, { after, limit: pageSize + 1 })
    const page = changes.slice(0, pageSize)
    const more = changes.length > pageSize
    // In the middle of a round the position is exact; what changes meanwhile moves behind it.
    const next = more
      ? { position: page.at(-1)!, begunAt }
      : { position: { changedAt: begunAt - overlapMs, conversationId: '' } }
    return {
      heads: page.map(({ conversationId, head }) => ({ conversationId, head })),
      cursor: encodeCursor(next),
      more,
    }
  }
}
