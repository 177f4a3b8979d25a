import { z } from 'zod'
import { conversation } from './conversations.ts'
import { operation } from './operation.ts'
import { limit, seq, seqInQuery } from './paging.ts'
import { clientId, messageText } from './text.ts'
import { conversationId, epoch, message, messageId, timelineEntry } from './timeline.ts'
import { userId } from './users.ts'

const otherUserId = userId.meta({ examples: ['0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f11'] })

/** The original way to send: to a person, who need not have a conversation with the caller yet. */
export const sendDirectRequest = z
  .object({
    sender: userId,
    receiver: otherUserId,
    messageDetails: z.object({ text: messageText }).meta({ id: 'MessageDetails' }),
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
  .strictObject({ conversationId: conversationId.optional(), to: otherUserId.optional(), ...messageContent })
  .refine((command) => (command.conversationId === undefined) !== (command.to === undefined), {
    message: 'must have either conversationId or to',
  })
  .meta({
    id: 'SendMessageCommand',
    description: 'Into a conversation, or to a person: exactly one of the two.',
    oneOf: [{ required: ['conversationId'] }, { required: ['to'] }],
  })
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

export const historyResponse = z.object({ ...page, epoch: epoch.optional() }).meta({ id: 'HistoryResponse' })
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
  description:
    'The two get a conversation with the first message. `sender` has to be the caller. With a `clientId` a retry is stored once; without one every call is a message of its own.',
  authenticated: true,
  body: sendDirectRequest,
  example: {
    sender: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10',
    receiver: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f11',
    messageDetails: { text: 'Hello 👋' },
    clientId: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11',
  },
  responses: { 201: sendDirectResponse, 200: sendDirectResponse },
  problems: [
    'sender-mismatch',
    'user-not-found',
    'client-id-reused',
    'rate-limited',
    'quota-used-up',
    'storage-used-up',
  ],
})

export const getDirectHistory = operation({
  id: 'getDirectHistory',
  method: 'get',
  path: '/chat/conversation/:senderId/:receiverId',
  tag: 'Messages',
  summary: 'What two people said to each other, newest first; the caller must be one of them',
  description:
    'The order of the two does not matter. `conversation` is null and `messages` empty while they have not spoken.',
  authenticated: true,
  params: z.strictObject({ senderId: userId, receiverId: otherUserId }),
  query: historyQuery,
  responses: { 200: directHistoryResponse },
  problems: ['not-a-participant', 'rate-limited'],
})

export const sendMessage = operation({
  id: 'sendMessage',
  method: 'post',
  path: '/chat/conversations/:id/messages',
  tag: 'Messages',
  summary: 'Send into a conversation (200 when the clientId was accepted before)',
  description:
    'The message is stored once however often it is sent with the same `clientId`: 201 the first time, 200 with the same entry afterwards, 409 when it says something else.',
  authenticated: true,
  params: z.strictObject({ id: conversationId }),
  body: sendMessageRequest,
  example: { clientId: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d12', text: 'Hello again' },
  responses: { 201: sendMessageResponse, 200: sendMessageResponse },
  problems: [
    'conversation-not-found',
    'message-not-found',
    'client-id-reused',
    'rate-limited',
    'quota-used-up',
    'storage-used-up',
  ],
})

export const sendCommand = operation({
  id: 'sendCommand',
  method: 'post',
  path: '/chat/messages',
  tag: 'Messages',
  summary: 'What a socket’s message:send does: send into a conversation, or to a person',
  description:
    'For clients that send in the same form by socket and by HTTP: exactly one of `conversationId` and `to`. Stored once, as in `sendMessage`.',
  authenticated: true,
  body: sendMessageCommand,
  example: {
    to: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f11',
    clientId: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d13',
    text: 'Hello from a command',
  },
  responses: { 201: sendMessageResponse, 200: sendMessageResponse },
  problems: [
    'conversation-not-found',
    'user-not-found',
    'message-not-found',
    'client-id-reused',
    'rate-limited',
    'quota-used-up',
    'storage-used-up',
  ],
})

export const getHistory = operation({
  id: 'getHistory',
  method: 'get',
  path: '/chat/conversations/:id/messages',
  tag: 'Messages',
  summary: 'The messages of a conversation, newest first',
  description:
    'Messages as they are now, for reading backwards from the newest. What happened since is in the timeline.',
  authenticated: true,
  params: z.strictObject({ id: conversationId }),
  query: historyQuery,
  responses: { 200: historyResponse },
  problems: ['conversation-not-found', 'rate-limited'],
})
