import { LRUCache } from 'lru-cache'
import type { TimelineStore } from '../timeline/timeline-store.ts'
import type { UnreadStore } from './unread-store.ts'

/** Counting further says nothing more to a reader, and costs. */
export const mostUnread = 1_000
export const mostUnreadInAll = 10_000

export interface Unread {
  /** How many messages of others a member has not read, up to `mostUnread`. */
  count(of: { userId: string; conversationId: string; read: number; head: number }): Promise<number>
  /**
   * The same for all conversations of a user together, up to `mostUnreadInAll`.
   * @param counted conversations whose number is known already
   */
  total(userId: string, counted: ReadonlyMap<string, number>): Promise<number>
}

/**
 * A count is the same for as long as neither the head nor the mark moves, so it is remembered: a list that is asked
 * for again costs one walk through the user's heads and marks, and counts what has changed.
 */
export function createUnread({
  timeline,
  unread: store,
  cacheSize = 50_000,
}: {
  timeline: Pick<TimelineStore, 'countMessagesAfter'>
  unread: UnreadStore
  cacheSize?: number
}): Unread {
  const known = new LRUCache<string, number>({ max: cacheSize })

  const count: Unread['count'] = async ({ userId, conversationId, read, head }) => {
    // Most conversations are read, and need not be counted.
    if (read >= head) return 0
    const key = `${userId}/${conversationId}/${read}/${head}`
    const found = known.get(key)
    if (found !== undefined) return found
    const counted = await timeline.countMessagesAfter(conversationId, userId, read, mostUnread)
    known.set(key, counted)
    return counted
  }

  return {
    count,
    async total(userId, counted) {
      let total = [...counted.values()].reduce((sum, each) => sum + each, 0)
      /** Entries behind read marks, which may all be one's own: so many are looked at, and no more. */
      let looked = total
      if (looked >= mostUnreadInAll) return mostUnreadInAll
      for (const { conversationId, read, head } of await store.behind(userId, mostUnreadInAll)) {
        if (counted.has(conversationId)) continue
        if (looked >= mostUnreadInAll) break
        looked += Math.min(head - read, mostUnread)
        // One after the other: many ask for their lists, and none is to take all connections.
        total += await count({ userId, conversationId, read, head })
      }
      return Math.min(total, mostUnreadInAll)
    },
  }
}
