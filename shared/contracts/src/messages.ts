import { z } from 'zod'
import { conversation } from './conversations.ts'
import { operation } from './operation.ts'
import { limit, seq, seqInQuery } from './paging.ts'
import { clientId, messageText } from './text.ts'
import { conversationId, message, messageId, timelineEntry } from './timeline.ts'
import { userId } from './users.ts'

/** The original way to send: to a person, who need not have a conversation with the caller yet. */
export const sendDirectRequest = z
  .object({
    sender: userId,
    receiver: userId,
    messageDetails: z.object({ text: messageText }),
    clientId: clientId.optional(),
  })
  .refine((request) => request.sender !== request.receiver, {
    path: ['receiver'],
    message: 'must be another person than the sender',
  })
  .meta({ id: 'SendDirectRequest' })
export type SendDirectRequest = z.infer<typeof sendDirectRequest>

export const sendDirectResponse = z.object({ message, conversation }).meta({ id: 'SendDirectResponse' })
export type SendDirectResponse = z.infer<typeof sendDirectResponse>

const messageContent = { clientId, text: messageText, replyTo: messageId.optional() }

export const sendMessageRequest = z.strictObject(messageContent).meta({ id: 'SendMessageRequest' })
export type SendMessageRequest = z.infer<typeof sendMessageRequest>

export const sendMessageResponse = z.object({ entry: timelineEntry }).meta({ id: 'SendMessageResponse' })
export type SendMessageResponse = z.infer<typeof sendMessageResponse>

/** As a socket sends it: into a conversation, or `to` a person. */
export const sendMessageCommand = z
  .strictObject({ conversationId: conversationId.optional(), to: userId.optional(), ...messageContent })
  .refine((command) => (command.conversationId === undefined) !== (command.to === undefined), {
    message: 'must have either conversationId or to',
  })
  .meta({ id: 'SendMessageCommand' })
export type SendMessageCommand = z.infer<typeof sendMessageCommand>

export const historyQuery = z.strictObject({
  before: seqInQuery(1).optional().meta({ description: 'Messages with a smaller seq than this.' }),
  limit: limit(50),
})
export type HistoryQuery = z.infer<typeof historyQuery>

const page = {
  messages: z.array(message).meta({ description: 'Newest first.' }),
  nextBefore: seq.nullable().meta({ description: 'The `before` of the next page; null on the last one.' }),
}

export const historyResponse = z.object(page).meta({ id: 'HistoryResponse' })
export type HistoryResponse = z.infer<typeof historyResponse>

export const directHistoryResponse = z
  .object({ conversation: conversation.nullable(), ...page })
  .meta({ id: 'DirectHistoryResponse' })
export type DirectHistoryResponse = z.infer<typeof directHistoryResponse>

export const sendDirect = operation({
  id: 'sendDirect',
  method: 'post',
  path: '/chat',
  tag: 'Messages',
  summary: 'Send to a person (200 when the clientId was accepted before)',
  authenticated: true,
  body: sendDirectRequest,
  responses: { 201: sendDirectResponse, 200: sendDirectResponse },
  problems: ['sender-mismatch', 'user-not-found', 'client-id-reused'],
})

export const getDirectHistory = operation({
  id: 'getDirectHistory',
  method: 'get',
  path: '/chat/conversation/:senderId/:receiverId',
  tag: 'Messages',
  summary: 'What two people said to each other, newest first; the caller must be one of them',
  authenticated: true,
  params: z.strictObject({ senderId: userId, receiverId: userId }),
  query: historyQuery,
  responses: { 200: directHistoryResponse },
  problems: ['not-a-participant'],
})

export const sendMessage = operation({
  id: 'sendMessage',
  method: 'post',
  path: '/chat/conversations/:id/messages',
  tag: 'Messages',
  summary: 'Send into a conversation (200 when the clientId was accepted before)',
  authenticated: true,
  params: z.strictObject({ id: conversationId }),
  body: sendMessageRequest,
  responses: { 201: sendMessageResponse, 200: sendMessageResponse },
  problems: ['conversation-not-found', 'message-not-found', 'client-id-reused'],
})

export const sendCommand = operation({
  id: 'sendCommand',
  method: 'post',
  path: '/chat/messages',
  tag: 'Messages',
  summary: 'What a socket’s message:send does: send into a conversation, or to a person',
  authenticated: true,
  body: sendMessageCommand,
  responses: { 201: sendMessageResponse, 200: sendMessageResponse },
  problems: ['conversation-not-found', 'user-not-found', 'message-not-found', 'client-id-reused'],
})

export const getHistory = operation({
  id: 'getHistory',
  method: 'get',
  path: '/chat/conversations/:id/messages',
  tag: 'Messages',
  summary: 'The messages of a conversation, newest first',
  authenticated: true,
  params: z.strictObject({ id: conversationId }),
  query: historyQuery,
  responses: { 200: historyResponse },
  problems: ['conversation-not-found'],
})
