import type { HttpRequest } from './http-calls.ts'
import type { PlanParameters } from './plan.ts'

export interface Person {
  readonly id: string
  readonly token: string
}

/** Everybody who takes part. Each process of clients plays those whose index is its own, modulo `processes`. */
export interface Cast {
  readonly url: string
  /** Where sockets go, by the index of their person, in turn; to `url` without any. */
  readonly socketUrls: readonly string[]
  readonly people: readonly Person[]
  /** How many sockets each of them has. */
  readonly devices: readonly number[]
  /** Who talks to whom, by index. */
  readonly conversations: readonly (readonly [number, number])[]
}

/** How messages are sent; `not` where the server sends by itself. */
export type Via = 'http' | 'socket' | 'not'

/** Messages on a schedule. */
export interface Sending extends PlanParameters {
  /** Another one each time. */
  readonly run: number
  readonly via: Via
  /** When the schedule begins, by the clock that all processes share. */
  readonly startAt: number
}

/** Requests on a schedule, each of the list in its turn. */
export interface Asking {
  readonly requests: readonly HttpRequest[]
  readonly seed: number
  readonly ratePerSecond: number
  readonly count: number
  readonly startAt: number
}

export interface Orders {
  cast: { order: { cast: Cast; index: number; processes: number }; answer: object }
  /** Opens all sockets of the people of this process, so many at a time. */
  connect: { order: { atOnce: number }; answer: Connected }
  send: { order: { sending: Sending }; answer: object }
  ask: { order: { asking: Asking }; answer: object }
  /** Sends without a schedule, as fast as answers come. */
  'send-closed': { order: { closed: ClosedLoop }; answer: ClosedResult }
  /** All people of this process connect and catch up, all at once. */
  resync: { order: object; answer: Resynced }
  tally: { order: object; answer: Tally }
  latencies: { order: object; answer: Latencies }
}
export type Order = { [D in keyof Orders]: { do: D } & Orders[D]['order'] }[keyof Orders]

export interface Connected {
  readonly sockets: number
  readonly failed: number
  /** Until each was let in, in milliseconds. */
  readonly milliseconds: readonly number[]
}

export interface Resynced {
  readonly complete: number
  readonly failed: number
  readonly entries: number
  /** Until each was complete. */
  readonly milliseconds: readonly number[]
}

export interface ClosedLoop {
  readonly run: number
  readonly senders: readonly { readonly from: number; readonly to: number }[]
  readonly milliseconds: number
}
export interface ClosedResult {
  readonly accepted: number
  readonly refused: number
  readonly seconds: number
}

/** How far this process is, with what the run asked of it. */
export interface Tally {
  /** Due until now, whether sent or not. */
  readonly due: number
  readonly sent: number
  readonly accepted: number
  /** By HTTP status or problem code; `0` where there was no answer. */
  readonly refused: Readonly<Record<string, number>>
  /** What the accepted messages are to bring to sockets of receivers, wherever these are. */
  readonly expected: number
  /** What came to sockets of receivers here, once each. */
  readonly delivered: number
  readonly doubled: number
  /** Came to somebody who takes no part in the conversation. */
  readonly astray: number
  /** Sockets that were lost. */
  readonly lost: number
  /** All is sent and answered. */
  readonly done: boolean
  /** False once so many waited for their answer that sending was given up. */
  readonly keptUp: boolean
}

/** Histograms, encoded; in microseconds from when a message was due. */
export interface Latencies {
  /** Until it came to a socket of its receiver. */
  readonly delivery: string
  /** Until it was answered. */
  readonly answer: string
  /** Until it was sent: how late the generator itself is. */
  readonly lateness: string
}
