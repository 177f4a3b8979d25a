import type { HeadsResponse } from '@parley/contracts/conversations.ts'
import { type ChangeCursor, decodeCursor, encodeCursor } from './change-cursor.ts'
import type { ConversationStore } from './conversation-store.ts'

/** @throws ParleyError `validation-failed` for a cursor that it never gave */
export type GetHeads = (userId: string, cursor: string | undefined) => Promise<HeadsResponse>

/**
 * Says what changed for a user since a cursor.
 *
 * The last cursor of a round points some seconds before its beginning. A commit that was under way then, or
 * one by a replica whose `ChangeClock` is behind ours, is told of in the next round; a client that has those
 * entries already ignores the head. A cursor from beyond the clock is from other data, or from a release that
 * went by a wall clock: then everything is compared.
 *
 * @param overlapMs more than a commit takes plus what the clocks of replicas differ by
 */
export function createGetHeads({
  conversations,
  overlapMs = 30_000,
  pageSize = 500,
}: {
  conversations: Pick<ConversationStore, 'changesFor' | 'now'>
  overlapMs?: number
  pageSize?: number
}): GetHeads {
  return async (userId, cursor) => {
    const now = await conversations.now()
    const { position: after, begunAt = now } = placeOf(cursor, now + overlapMs)
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

const beginning: ChangeCursor = { position: { changedAt: 0, conversationId: '' } }

/** Within a round the position is of what was changed, and its beginning says where the clock was. */
function placeOf(cursor: string | undefined, latest: number): ChangeCursor {
  if (cursor === undefined) return beginning
  const place = decodeCursor(cursor)
  return (place.begunAt ?? place.position.changedAt) > latest ? beginning : place
}
