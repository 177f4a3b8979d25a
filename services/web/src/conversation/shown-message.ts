import type { Message } from '@parley/contracts/timeline.ts'
import type { QueuedMessage } from './outbox.ts'

/** A message as the list shows it, accepted or not. */
export interface ShownMessage {
  /** Stays the same when the message is accepted, so that nothing on the screen moves. */
  readonly key: string
  readonly clientId: string
  readonly senderId: string
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Undefined until its entry is here. */
  readonly seq: number | undefined
  /**
   * - `sending`: on its way for the first time.
   * - `waiting`: a try failed; the client goes on by itself.
   * - `failed`: refused for good.
   */
  readonly state: 'accepted' | 'sending' | 'waiting' | 'failed'
  /** Why it failed, or waits, in words. */
  readonly problem?: string
}

/**
 * What a conversation shows: the accepted messages, and after them what is not accepted yet. A message that is
 * in both, because its entry came before the answer or after it, is shown once, as accepted.
 */
export function shownMessages(
  accepted: readonly Message[],
  queued: readonly QueuedMessage[],
  me: string,
): ShownMessage[] {
  const mine = new Set(accepted.flatMap(({ senderId, clientId }) => (senderId === me ? clientId : [])))
  return [
    ...accepted.map(fromMessage),
    ...queued.filter(({ clientId }) => !mine.has(clientId)).map((message) => fromQueued(message, me)),
  ]
}

/** The client made up the id, so two people could have taken the same one. */
const keyOf = (senderId: string, clientId: string): string => `${senderId} ${clientId}`

const fromMessage = ({ clientId, senderId, text, at, seq }: Message): ShownMessage => ({
  key: keyOf(senderId, clientId),
  clientId,
  senderId,
  text,
  at: Date.parse(at),
  seq,
  state: 'accepted',
})

const fromQueued = ({ clientId, text, since, state, problem }: QueuedMessage, me: string): ShownMessage => ({
  key: keyOf(me, clientId),
  clientId,
  senderId: me,
  text,
  at: since,
  seq: undefined,
  state,
  ...(problem === undefined ? {} : { problem }),
})
