import type {
  ConversationSummary,
  ListConversationsQuery,
  ListConversationsResponse,
} from '@parley/contracts/conversations.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { Caller } from '@parley/platform/tokens/verify-token.ts'
import type { People } from '../people/people.ts'
import type { KeptWatermark, ReceiptStore } from '../receipts/receipt-store.ts'
import { fitPage } from '../timeline/fit-page.ts'
import type { TimelineStore } from '../timeline/timeline-store.ts'
import type { ConversationStore, ListedConversation } from './conversation-store.ts'
import { decodeCursor, encodeCursor } from './change-cursor.ts'
import { mostUnreadInAll, type Unread } from '../unread/unread.ts'

export interface ListConversations {
  list(caller: Caller, query: ListConversationsQuery): Promise<ListConversationsResponse>
  /** @throws ParleyError `conversation-not-found` */
  get(caller: Caller, conversationId: string): Promise<ConversationSummary>
}

export function createListConversations({
  conversations,
  timeline,
  receipts,
  people,
  unread: unreadOf,
}: {
  conversations: ConversationStore
  timeline: TimelineStore
  receipts: ReceiptStore
  people: People
  unread: Unread
}): ListConversations {
  async function summarize(
    caller: Caller,
    listed: readonly ListedConversation[],
  ): Promise<ConversationSummary[]> {
    const [watermarks, personById] = await Promise.all([
      receipts.findMany(listed.map(({ id }) => id)),
      people.findMany(
        listed.flatMap(({ memberIds }) => memberIds),
        caller.token,
      ),
    ])

    return Promise.all(
      listed.map(async ({ id, kind, memberIds, createdAt, head, atHead }) => {
        const marks = memberIds.map((userId) => watermarkOf(watermarks, id, userId))
        const mine = watermarks.find((mark) => mark.conversationId === id && mark.userId === caller.userId)
        const { read = 0, atRead = { to: 0, others: 0 } } = mine ?? {}
        const [[lastMessage = null], unread] = await Promise.all([
          timeline.messagesBefore(id, undefined, 1),
          unreadOf.count(caller.userId, { conversationId: id, read, head, atHead, atRead }),
        ])
        return {
          id,
          kind,
          memberIds,
          createdAt,
          members: memberIds.flatMap((memberId) => personById.get(memberId) ?? []),
          head,
          lastMessage,
          unread,
          receipts: marks,
        }
      }),
    )
  }

  return {
    async list(caller, { cursor, limit }) {
      const before = cursor === undefined ? undefined : decodeCursor(cursor).position
      const found = await conversations.listFor(caller.userId, { before, limit: limit + 1 })
      const summaries = fitPage(await summarize(caller, found.slice(0, limit)))
      const last = found[summaries.length - 1]
      const nextCursor =
        found.length > summaries.length && last
          ? encodeCursor({ position: { changedAt: last.changedAt, conversationId: last.id } })
          : null
      if (cursor !== undefined) return { conversations: summaries, nextCursor }

      // Who has one page only has all numbers on it.
      const counted = new Map(summaries.map(({ id, unread }) => [id, unread]))
      const total = nextCursor === null ? sum(counted.values()) : await unreadOf.total(caller.userId, counted)
      return { conversations: summaries, nextCursor, unreadTotal: Math.min(total, mostUnreadInAll) }
    },
    async get(caller, conversationId) {
      const found = await conversations.findFor(caller.userId, conversationId)
      if (found === undefined) throw new ParleyError('conversation-not-found')
      return (await summarize(caller, [found]))[0]!
    },
  }
}

function watermarkOf(watermarks: readonly KeptWatermark[], conversationId: string, userId: string) {
  const found = watermarks.find((mark) => mark.conversationId === conversationId && mark.userId === userId)
  return { userId, delivered: found?.delivered ?? 0, read: found?.read ?? 0 }
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, each) => total + each, 0)
