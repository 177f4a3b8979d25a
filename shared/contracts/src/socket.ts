import { z } from 'zod'
import { count } from './count.ts'
import { sendMessageCommand } from './messages.ts'
import { problem } from './problem.ts'
import { advanceReceiptCommand, receiptResponse, watermark } from './receipts.ts'
import { sessionEndReason } from './sessions.ts'
import { conversationId, timelineEntry } from './timeline.ts'
import { limits } from './text.ts'
import { userId } from './users.ts'

/** What a client puts into `auth` when it connects. */
export const handshakeAuth = z.object({ token: z.string().min(1).max(4_096) }).meta({ id: 'HandshakeAuth' })
export type HandshakeAuth = z.infer<typeof handshakeAuth>

export const refused = z.object({ ok: z.literal(false), problem }).meta({ id: 'Refused' })
export type Refused = z.infer<typeof refused>

export const presence = z.object({ userId, online: z.boolean() }).meta({ id: 'Presence' })
export type Presence = z.infer<typeof presence>

export const typingCommand = z
  .strictObject({ conversationId, typing: z.boolean() })
  .meta({ id: 'TypingCommand' })
export type TypingCommand = z.infer<typeof typingCommand>

export const watchPresenceCommand = z
  .strictObject({ userIds: z.array(userId).max(limits.watchedUsers) })
  .meta({ id: 'WatchPresenceCommand', description: 'Replaces what this socket watched before.' })
export type WatchPresenceCommand = z.infer<typeof watchPresenceCommand>

export const refreshSessionCommand = z
  .strictObject({ token: handshakeAuth.shape.token })
  .meta({ id: 'RefreshSessionCommand' })
export type RefreshSessionCommand = z.infer<typeof refreshSessionCommand>

/** Why the gateway closed a connection: the reason in the close frame, with its code (RFC 6455 section 7.4). */
export const closeReasons = {
  'gateway-draining': 1012,
  'session-ended': 1008,
  'token-expired': 1008,
  'client-left': 1000,
  'handshake-timeout': 1008,
  'second-handshake': 1008,
  'namespace-not-found': 1008,
  'parser-not-supported': 1003,
  'malformed-packet': 1002,
  'ping-timeout': 1008,
  rate: 1008,
  buffer: 1008,
} as const
export type CloseReason = keyof typeof closeReasons

const ok = z.literal(true)

/** What clients send, each with its payload and the success form of its ack (the other is `Refused`). */
export const clientEvents = {
  'message:send': {
    summary: 'Send a message; the ack comes once it is stored for good',
    description:
      'Into a conversation, or to a person. Send it again with the same `clientId` until there is an ack: it is stored once.',
    payload: sendMessageCommand,
    ack: z.object({ ok, entry: timelineEntry }).meta({ id: 'MessageSendAck' }),
  },
  'receipt:advance': {
    summary: 'Move the caller’s watermarks forward',
    description: 'At least one of `delivered` and `read`. The ack says where the watermarks are now.',
    payload: advanceReceiptCommand,
    ack: receiptResponse.extend({ ok }).meta({ id: 'ReceiptAdvanceAck' }),
  },
  typing: {
    summary: 'Say that the caller types, or stopped; it lapses by itself',
    description: 'Repeat it every few seconds while somebody types. Nobody is told of it twice in a row.',
    payload: typingCommand,
    ack: z.object({ ok }).meta({ id: 'TypingAck' }),
  },
  'presence:watch': {
    summary: 'Ask who is online, and be told when that changes',
    description:
      'The ack says who of them is online now; what changes comes as `presence`. A new list replaces the one before.',
    payload: watchPresenceCommand,
    ack: z.object({ ok, presence: z.array(presence) }).meta({ id: 'PresenceWatchAck' }),
  },
  'session:refresh': {
    summary: 'Hand over a newer access token of the same session, before the old one expires',
    description: 'Without it the gateway closes the socket when the token that it knows expires.',
    payload: refreshSessionCommand,
    ack: z.object({ ok, expiresAt: z.iso.datetime() }).meta({ id: 'SessionRefreshAck' }),
  },
} as const

/** Why a socket was told that its session is over. */
export const socketEndReason = z.enum([...sessionEndReason.options, 'token-expired'])

/** What the gateway sends. */
export const serverEvents = {
  'timeline:entry': {
    summary: 'Something happened in one of your conversations',
    description:
      'Take it when its `seq` is the next one; ignore it when it is known; fetch the hole otherwise.',
    payload: timelineEntry,
  },
  'timeline:behind': {
    summary: 'Something may have been missed: compare heads',
    description:
      'At a random moment within that time, since everybody is told at once. It comes after an outage inside, and when ' +
      'the data was restored from a backup, which the epoch of the heads tells.',
    payload: z.object({ withinMs: count }).meta({ id: 'TimelineBehind' }),
  },
  'receipt:advanced': {
    summary: 'A member’s watermarks moved',
    description: 'Of the caller on another device, too.',
    payload: watermark.extend({ conversationId }).meta({ id: 'ReceiptAdvanced' }),
  },
  typing: {
    summary: 'Somebody types, for expiresInMs at most',
    description: 'Or stopped, when `typing` is false.',
    payload: z
      .object({ conversationId, userId, typing: z.boolean(), expiresInMs: count })
      .meta({ id: 'Typing' }),
  },
  presence: {
    summary: 'Somebody whom you watch came or went',
    description: 'See `presence:watch`.',
    payload: presence,
  },
  'session:ended': {
    summary: 'This socket is about to be closed for good; log in again or refresh',
    description:
      'After `token-expired` a refresh is enough; after every other reason the user has to log in.',
    payload: z.object({ reason: socketEndReason }).meta({ id: 'SessionEnded' }),
  },
  'event:refused': {
    summary: 'An event without an ack was refused; with one, the ack says so',
    description: 'For what a client sent without asking for an ack, and could not otherwise know of.',
    payload: z
      .object({
        event: z.string().meta({ description: 'As it was sent, cut off after 64 characters.' }),
        problem,
      })
      .meta({ id: 'EventRefused' }),
  },
  'gateway:draining': {
    summary: 'This gateway is going away: come back after reconnectInMs',
    description: 'Every socket is told another time, so that they do not all come back at once.',
    payload: z.object({ reconnectInMs: count }).meta({ id: 'GatewayDraining' }),
  },
} as const

type ClientEvents = typeof clientEvents
type ServerEvents = typeof serverEvents

export type Ack<E extends keyof ClientEvents> = z.infer<ClientEvents[E]['ack']> | Refused
export type ServerEvent<E extends keyof ServerEvents> = z.infer<ServerEvents[E]['payload']>

/** Socket.IO's typed events, for both ends of a socket. */
export type ClientToServerEvents = {
  [E in keyof ClientEvents]: (
    payload: z.input<ClientEvents[E]['payload']>,
    ack: (answer: Ack<E>) => void,
  ) => void
}
export type ServerToClientEvents = {
  [E in keyof ServerEvents]: (payload: z.infer<ServerEvents[E]['payload']>) => void
}
