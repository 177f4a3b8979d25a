import type { HistoryQuery, HistoryResponse } from '@parley/contracts/messages.ts'
import type { TimelineQuery, TimelineResponse } from '@parley/contracts/timeline.ts'
import type { TimelineStore } from './timeline-store.ts'

/** Both ways to read a conversation. Callers must have checked that the reader is a member. */
export interface ReadTimeline {
  /** Messages as they are now, newest first. */
  history(conversationId: string, query: HistoryQuery): Promise<HistoryResponse>
  /** What happened after a position, oldest first and without holes. */
  after(conversationId: string, query: TimelineQuery): Promise<TimelineResponse>
}

export function createReadTimeline({ store }: { store: TimelineStore }): ReadTimeline {
  return {
    async history(conversationId, { before, limit }) {
      // One more than asked for tells whether there is another page.
      const found = await store.messagesBefore(conversationId, before, limit + 1)
      const messages = found.slice(0, limit)
      return { messages, nextBefore: found.length > limit ? (messages.at(-1)?.seq ?? null) : null }
    },
    async after(conversationId, { after, limit }) {
      const entries = await store.after(conversationId, after, limit)
      const last = entries.at(-1)?.seq ?? after
      // A page that is not full ends at the head, which saves the question.
      const head =
        entries.length > 0 && entries.length < limit
          ? last
          : ((await store.heads([conversationId])).get(conversationId) ?? 0)
      return { entries, head, more: entries.length > 0 && last < head }
    },
  }
}
