import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { ReceiptStore } from '../receipts/receipt-store.ts'
import type { TimelineStore } from '../timeline/timeline-store.ts'
import { countBetween, othersThan } from './count-between.ts'
import { othersUpTo } from './others-up-to.ts'
import type { Standing, UnreadStore } from './unread-store.ts'

/** Counting further says nothing more to a reader. */
export const mostUnread = 1_000
export const mostUnreadInAll = 10_000

export interface Unread {
  /** How many messages of others a member has not read, up to `mostUnread`. */
  count(userId: string, standing: Standing): Promise<number>
  /**
   * The same for all conversations of a user together, up to `mostUnreadInAll`.
   * @param counted conversations whose number is known already
   */
  total(userId: string, counted: ReadonlyMap<string, number>): Promise<number>
}

/**
 * What others said up to the head, less what they said up to the read mark. Both are kept: with the head how much
 * counts in all and of each sender, written with the head itself (nothing per member); with the read mark what of it
 * was before it, written when it moves. Each number follows from the entries up to its seq, which never change, so it
 * only grows, and may be written again, by anybody.
 *
 * A head or mark may have been moved by somebody who did not count: a replica of the release before, the sweep after
 * a crash. Then its number stands for an earlier seq; what is missing is counted here, once, and kept. A deletion
 * will be taken away by its seq: so many are behind the read mark.
 */
export function createUnread({
  conversations,
  timeline,
  receipts,
  unread: store,
}: {
  conversations: Pick<ConversationStore, 'countsOf' | 'putCounts'>
  timeline: Pick<TimelineStore, 'countBySender'>
  receipts: Pick<ReceiptStore, 'noteOthersRead'>
  unread: UnreadStore
}): Unread {
  const counting = new Map<string, Promise<void>>()

  /** Counts what is behind the kept numbers of a conversation, for all its members. */
  async function catchUp(conversationId: string, head: number): Promise<void> {
    const known = (await conversations.countsOf([conversationId])).get(conversationId)
    const { to = 0, all = 0, of = new Map<string, number>() } = known ?? {}
    const more = await countBetween(timeline, conversationId, to, head)
    const counts = {
      to: Math.max(to, head),
      all: all + othersThan('', more),
      of: new Map([...more].map(([senderId, count]) => [senderId, (of.get(senderId) ?? 0) + count])),
    }
    await conversations.putCounts(conversationId, counts)
  }

  async function othersAtHead(userId: string, { conversationId, head, atHead }: Standing): Promise<number> {
    if (atHead.to === head) return atHead.others
    // Many may ask at a time, and once is enough.
    const key = `${conversationId}/${head}`
    const running = counting.get(key) ?? catchUp(conversationId, head).finally(() => counting.delete(key))
    counting.set(key, running)
    // Where it cannot be kept, as on a full disk, it can still be said.
    const kept = await running.then(
      () => conversations.countsOf([conversationId]),
      () => undefined,
    )
    const counts = kept?.get(conversationId)
    const known = counts && { to: counts.to, others: counts.all - (counts.of.get(userId) ?? 0) }
    return othersUpTo(timeline, { userId, conversationId, seq: head }, [known ?? atHead])
  }

  async function othersAtRead(userId: string, standing: Standing, atHead: number): Promise<number> {
    const { conversationId, read, head, atRead } = standing
    if (read === 0) return 0
    if (atRead.to === read) return atRead.others
    const known = [atRead, { to: head, others: atHead }]
    const others = await othersUpTo(timeline, { userId, conversationId, seq: read }, known)
    await receipts.noteOthersRead({ conversationId, userId, read, others }).catch(() => undefined)
    return others
  }

  const count: Unread['count'] = async (userId, standing) => {
    if (standing.read >= standing.head) return 0
    const atHead = await othersAtHead(userId, standing)
    const unread = atHead - (await othersAtRead(userId, standing, atHead))
    return Math.min(mostUnread, Math.max(0, unread))
  }

  return {
    count,
    async total(userId, counted) {
      let total = [...counted.values()].reduce((sum, each) => sum + each, 0)
      if (total >= mostUnreadInAll) return mostUnreadInAll
      for (const standing of await store.behind(userId, mostUnreadInAll)) {
        if (counted.has(standing.conversationId)) continue
        if (total >= mostUnreadInAll) break
        // One after the other: many ask for their lists, and none is to take all connections.
        total += await count(userId, standing)
      }
      return Math.min(total, mostUnreadInAll)
    },
  }
}
