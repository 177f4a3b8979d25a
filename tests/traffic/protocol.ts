import { createHash } from 'node:crypto'
import type { ClientState } from '@parley/client/events/client-events.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { PlannedSend } from './plan.ts'

/** Texts are compared by their hash, so that a long run's views fit through a pipe. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

export interface SeenEntry {
  readonly id: string
  readonly conversationId: string
  readonly seq: number
  readonly senderId: string
  readonly clientId: string
  readonly textHash: string
  /** When the server accepted it; ISO 8601. */
  readonly at: string
}

export const toSeen = ({
  id,
  conversationId,
  seq,
  senderId,
  clientId,
  at,
  body,
}: TimelineEntry): SeenEntry => ({
  id,
  conversationId,
  seq,
  senderId,
  clientId,
  textHash: hashOf(body.text),
  at,
})

/** What one client showed to its user, in the order in which it did. */
export interface View {
  readonly userId: string
  readonly entries: readonly SeenEntry[]
}

/** What one showed until it was told that the server has other data than before, and began anew. */
export interface DroppedView extends View {
  /** When each entry was shown, in milliseconds since the epoch. */
  readonly shownAt: readonly number[]
}

/** What a sender was told to be accepted. */
export interface Acked extends SeenEntry {
  /** By the sender's clock, in milliseconds since the epoch: when it was first sent … */
  readonly sentAt: number
  /** … and when the sender knew that it was accepted. */
  readonly ackedAt: number
}

export interface ConfirmedRead {
  readonly conversationId: string
  readonly seq: number
  /** When it was sent, and when it was confirmed; milliseconds since the epoch. */
  readonly sentAt: number
  readonly at: number
}

/** What one client lived through. All times are in milliseconds since the epoch. */
export interface Life {
  readonly userId: string
  /** When each entry of its view was shown. */
  readonly shownAt: readonly number[]
  /** When entries came over a socket for the first time, by id, whether they were shown then or not. */
  readonly heardAt: Readonly<Record<string, number>>
  /** How many times one came over a socket that had come before, or was shown already. */
  readonly repeated: number
  readonly states: readonly { readonly state: ClientState; readonly at: number }[]
  /** Read watermarks that the server has confirmed. */
  readonly read: readonly ConfirmedRead[]
  /** Views that it dropped. */
  readonly dropped: readonly DroppedView[]
  /** How many times its session was ended, and it logged in again. */
  readonly sessionsEnded: number
  /** At the end, by conversation: how far the server says that it is in the client's list, and how far the client is. */
  readonly listed: Readonly<Record<string, { readonly head: number; readonly position: number }>>
}

/** How the clients behave while they send. */
export interface Manners {
  /** Pause between two messages of one person to another. */
  readonly paceMs?: number
  /** Instead: what one person says to another is spread over this time. */
  readonly overMs?: number
  /** How long a client stays online before it goes offline for a moment: up to this; undefined: for good. */
  readonly flickerMs?: number
  /** Only every so many-th client goes offline by itself. */
  readonly flickerEvery?: number
  /** Whether sessions may be ended: one then logs in again. Otherwise it is a fault. */
  readonly sessionsMayEnd?: boolean
}

export type ToWorker =
  | { do: 'register'; url: string; seed: number; users: readonly { index: number; email: string }[] }
  | { do: 'send'; userIds: readonly string[]; sends: readonly PlannedSend[]; manners: Manners }
  | { do: 'settle'; timeoutMs: number }
  | { do: 'tell' }

export type FromWorker =
  | { did: 'register'; userIds: readonly (readonly [number, string])[] }
  | { did: 'progress'; acked: number }
  | {
      did: 'send'
      acked: readonly Acked[]
      duplicates: number
      disconnects: number
      faults: readonly string[]
    }
  | { did: 'settle' }
  | { did: 'tell'; views: readonly View[]; lives: readonly Life[]; faults: readonly string[] }
