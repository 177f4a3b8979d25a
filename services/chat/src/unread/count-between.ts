import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TimelineStore } from '../timeline/timeline-store.ts'

/** SQLite counts in this process: about as long as a page takes. */
const mostAtOnce = 1_000

/** How many entries that count each sender has behind a seq, up to another one. Lets others have their turn. */
export async function countBetween(
  timeline: Pick<TimelineStore, 'countBySender'>,
  conversationId: string,
  after: number,
  upTo: number,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (let from = after; from < upTo; from += mostAtOnce) {
    if (from > after) await nextTurn()
    const to = Math.min(upTo, from + mostAtOnce)
    for (const [senderId, count] of await timeline.countBySender(conversationId, from, to)) {
      counts.set(senderId, (counts.get(senderId) ?? 0) + count)
    }
  }
  return counts
}

/** Of all together but one. */
export function othersThan(userId: string, counts: ReadonlyMap<string, number>): number {
  let others = 0
  for (const [senderId, count] of counts) if (senderId !== userId) others += count
  return others
}
