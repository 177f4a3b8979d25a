import { createHash } from 'node:crypto'
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
}

export const toSeen = ({ id, conversationId, seq, senderId, clientId, body }: TimelineEntry): SeenEntry => ({
  id,
  conversationId,
  seq,
  senderId,
  clientId,
  textHash: hashOf(body.text),
})

/** What one client showed to its user, in the order in which it did. */
export interface View {
  readonly userId: string
  readonly entries: readonly SeenEntry[]
}

/** What a sender was told to be accepted. */
export type Acked = SeenEntry

export type ToWorker =
  | { do: 'register'; url: string; seed: number; users: readonly { index: number; email: string }[] }
  | { do: 'send'; userIds: readonly string[]; sends: readonly PlannedSend[]; paceMs: number }
  | { do: 'settle'; timeoutMs: number }

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
  | { did: 'settle'; views: readonly View[]; faults: readonly string[] }
