import type { HistoryQuery, HistoryResponse } from '@parley/contracts/messages.ts'
import type { TimelineQuery, TimelineResponse } from '@parley/contracts/timeline.ts'
import { fitPage, pageBytes } from './fit-page.ts'
import type { TimelineStore } from './timeline-store.ts'

/**
 * Both ways to read a conversation, in pages bounded in number and in bytes. Callers must have checked that the
 * reader is a member.
 */
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
      const found = await store.messagesBefore(conversationId, before, limit + 1, pageBytes)
      const messages = fitPage(found.slice(0, limit))
      return { messages, nextBefore: found.length > messages.length ? (messages.at(-1)?.seq ?? null) : null }
    },
    async after(conversationId, { after, limit }) {
      const found = await store.after(conversationId, after, limit, pageBytes)
      const entries = fitPage(found)
      // What is not as many as asked for, and all that was found, ends at the head, which saves the question.
      const head =
        found.length > 0 && found.length < limit && entries.length === found.length
          ? (found.at(-1)?.seq ?? after)
          : ((await store.heads([conversationId])).get(conversationId) ?? 0)
      return { entries, head, more: (entries.at(-1)?.seq ?? head) < head }
    },
  }
}
