import { z } from 'zod'
import { count } from './count.ts'
import { operation } from './operation.ts'
import { cursor, limit, seq } from './paging.ts'
import { watermark } from './receipts.ts'
import { conversationId, epoch, message } from './timeline.ts'
import { person } from './users.ts'

export const conversationKind = z
  .enum(['direct'])
  .meta({ description: 'Clients take one that they do not know as a conversation of people.' })

export const conversation = z
  .object({
    id: conversationId,
    kind: conversationKind,
    memberIds: z.array(z.uuid()),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Conversation' })
export type Conversation = z.infer<typeof conversation>

/** A conversation as a list shows it to one of its members. */
export const conversationSummary = conversation
  .extend({
    members: z.array(person),
    head: seq.meta({ description: 'The newest seq; 0 when nothing was said yet.' }),
    lastMessage: message.nullable(),
    unread: count.meta({
      description: 'Messages by others after what the caller read; counted up to 1,000.',
    }),
    receipts: z.array(watermark).meta({ description: 'One per member.' }),
  })
  .meta({ id: 'ConversationSummary' })
export type ConversationSummary = z.infer<typeof conversationSummary>

export const listConversationsQuery = z.strictObject({ cursor: cursor.optional(), limit: limit(50, 100) })
export type ListConversationsQuery = z.infer<typeof listConversationsQuery>

export const listConversationsResponse = z
  .object({
    conversations: z.array(conversationSummary),
    nextCursor: cursor.nullable(),
    epoch: epoch.optional(),
    unreadTotal: count.optional().meta({
      description:
        'On the first page: the sum of `unread` over all conversations of the caller, counted up to 10,000. ' +
        'A server of an earlier release does not say it.',
    }),
  })
  .meta({ id: 'ListConversationsResponse' })
export type ListConversationsResponse = z.infer<typeof listConversationsResponse>

export const conversationResponse = z
  .object({ conversation: conversationSummary })
  .meta({ id: 'ConversationResponse' })
export type ConversationResponse = z.infer<typeof conversationResponse>

export const headsQuery = z.strictObject({ cursor: cursor.optional() })
export type HeadsQuery = z.infer<typeof headsQuery>

export const headsResponse = z
  .object({
    heads: z.array(z.object({ conversationId, head: seq }).meta({ id: 'Head' })),
    cursor: cursor.meta({ description: 'For the next call. It overlaps, so a head may come twice.' }),
    more: z.boolean().meta({ description: 'Whether to call again at once for the rest.' }),
    epoch: epoch.optional(),
  })
  .meta({ id: 'HeadsResponse' })
export type HeadsResponse = z.infer<typeof headsResponse>

export const listConversations = operation({
  id: 'listConversations',
  method: 'get',
  path: '/chat/conversations',
  tag: 'Conversations',
  summary: 'The caller’s conversations, the most recently active first',
  description: 'With the last message, the members and their watermarks, and how many messages are unread.',
  authenticated: true,
  query: listConversationsQuery,
  responses: { 200: listConversationsResponse },
  problems: ['rate-limited'],
})

export const getConversation = operation({
  id: 'getConversation',
  method: 'get',
  path: '/chat/conversations/:id',
  tag: 'Conversations',
  summary: 'One conversation of the caller',
  description: 'As in the list. Conversations of others are not found.',
  authenticated: true,
  params: z.strictObject({ id: conversationId }),
  responses: { 200: conversationResponse },
  problems: ['conversation-not-found', 'rate-limited'],
})

export const getHeads = operation({
  id: 'getHeads',
  method: 'get',
  path: '/chat/heads',
  tag: 'Timeline',
  summary: 'What changed for the caller since a cursor: how a client finds what it missed',
  description:
    'Which conversations have something new, and up to which `seq`. A client calls it after each connection, and compares with what it has.',
  authenticated: true,
  query: headsQuery,
  responses: { 200: headsResponse },
  problems: ['rate-limited'],
})
