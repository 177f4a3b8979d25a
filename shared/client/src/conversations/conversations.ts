import type {
  ConversationSummary,
  getConversation,
  listConversations,
  ListConversationsResponse,
} from '@parley/contracts/conversations.ts'
import type {
  DirectHistoryResponse,
  getDirectHistory,
  getHistory,
  HistoryResponse,
} from '@parley/contracts/messages.ts'
import type { getTimeline, TimelineResponse } from '@parley/contracts/timeline.ts'
import type { Call } from '../http/call.ts'
import type { PageSize } from '../http/page-size.ts'

interface HistoryPage {
  readonly before?: number | undefined
  readonly limit?: number | undefined
}

/**
 * The user's conversations, as the server has them now. Each call asks once. A page may hold fewer than `limit`
 * although more follow: when it would be large, or the link is bad.
 */
export interface Conversations {
  /** A page, the most recently active first; `nextCursor` is the `cursor` of the next one. */
  list(page?: {
    readonly cursor?: string | undefined
    readonly limit?: number | undefined
  }): Promise<ListConversationsResponse>
  /** One conversation, with its last message, receipts and how much is unread. */
  open(id: string): Promise<ConversationSummary>
  /** The conversation with a person, if they ever spoke, and its newest messages. */
  openDirect(userId: string, page?: HistoryPage): Promise<DirectHistoryResponse>
  /** Messages, newest first; `nextBefore` is the `before` of the next page. */
  history(id: string, page?: HistoryPage): Promise<HistoryResponse>
  /** Entries after a seq, oldest first. */
  timeline(
    id: string,
    page?: { readonly after?: number | undefined; readonly limit?: number | undefined },
  ): Promise<TimelineResponse>
}

/**
 * @param pages how much to ask for at a time
 * @param me id of the user who asks
 */
export function createConversations(call: Call, pages: PageSize, me: () => string): Conversations {
  return {
    list: ({ cursor, limit: wanted } = {}) =>
      pages.ask(wanted, (limit) =>
        call<typeof listConversations>('get', '/chat/conversations', { query: { cursor, limit } }),
      ),
    async open(id) {
      const { conversation } = await call<typeof getConversation>('get', '/chat/conversations/:id', {
        params: { id },
      })
      return conversation
    },
    openDirect: async (userId, { before, limit: wanted } = {}) =>
      await pages.ask(wanted, (limit) =>
        call<typeof getDirectHistory>('get', '/chat/conversation/:senderId/:receiverId', {
          params: { senderId: me(), receiverId: userId },
          query: { before, limit },
        }),
      ),
    history: (id, { before, limit: wanted } = {}) =>
      pages.ask(wanted, (limit) =>
        call<typeof getHistory>('get', '/chat/conversations/:id/messages', {
          params: { id },
          query: { before, limit },
        }),
      ),
    timeline: (id, { after, limit: wanted } = {}) =>
      pages.ask(wanted, (limit) =>
        call<typeof getTimeline>('get', '/chat/conversations/:id/timeline', {
          params: { id },
          query: { after, limit },
        }),
      ),
  }
}
