import type { LinkOptions } from './connection/open-link.ts'
import type { Fetch } from './http/http-client.ts'
import type { Exchange } from './session/session.ts'
import type { BackoffOptions } from './time/backoff.ts'
import { systemTimers, type Timers } from './time/timers.ts'

/** How far a client got; plain JSON, for an app to store. */
export interface SavedPositions {
  /** Which data the positions are of, if the server said it. */
  readonly epoch?: string
  /** Where comparing heads goes on; null: from the beginning. */
  readonly cursor: string | null
  /** The highest seq handed out, by conversation. */
  readonly seqs: Readonly<Record<string, number>>
}

/** Keeps one text for all who log in on a device; it opens nothing. */
export interface DeviceShelf {
  read(): string | undefined
  write(device: string): void
}

export interface ParleyClientOptions {
  /** The server's origin, such as `https://chat.example.com`. */
  readonly url: string
  /**
   * Which entries the client hands out.
   * - `now` (standard): those that come once the client is live for the first time, and maybe a few that came
   *   just before. Read older ones through `history`.
   * - `beginning`: all that there are.
   * - what `positions()` gave to an earlier run of the app: those that came after it.
   *
   * A conversation that begins later is always handed out from its first entry.
   */
  readonly from?: 'now' | 'beginning' | SavedPositions
  /** Whether to tell the server by itself that entries from others were delivered. Standard: true. */
  readonly autoDelivered?: boolean
  /** How many messages may wait to be accepted; `send` rejects more with `queue-full`. Standard: 1,000. */
  readonly maxUnsent?: number
  /** Time between two comparisons with the server on a live connection. Standard: 30 s, with jitter. */
  readonly headsEveryMs?: number
  /** Time between two comparisons while no socket can be had, the first after half of it. Standard: 10 s, with jitter. */
  readonly pollEveryMs?: number
  /** How long a hole may wait for its entry, which is often just behind, before it is fetched. Standard: 250. */
  readonly holeGraceMs?: number
  /**
   * How long to wait for the ack of a command on the socket. If nothing else comes either, the connection counts
   * as lost. Standard: 5 s.
   */
  readonly ackTimeoutMs?: number
  /**
   * How long an HTTP request may be silent: an answer may take as long as some of it keeps coming. Standard: 15 s.
   */
  readonly requestTimeoutMs?: number
  /** How long to wait for a socket to open. Standard: 20 s. */
  readonly connectTimeoutMs?: number
  /** Gaps between attempts, of everything that is tried again. Standard: 0.2 s, doubling to 30 s. */
  readonly backoff?: BackoffOptions
  /**
   * Runs each exchange of the tokens, which a refresh token is good for once. Standard: as it is. An app whose
   * tabs share one session takes a lock around it, and first hands to `resume` what another tab has stored:
   * then `exchange` does nothing. A tab may be frozen in the middle, and others go on: `mayKeep` is asked before
   * the new tokens are taken, and false forgets them.
   */
  readonly aroundExchange?: (exchange: Exchange) => Promise<void>
  /**
   * Where the device keeps what makes it known to the server, beyond logging out: then nobody who guesses passwords
   * can make it wait. Standard: in memory, for this client only.
   */
  readonly device?: DeviceShelf
  readonly fetch?: Fetch
  /** Passed on to Socket.IO, such as `extraHeaders` in Node. */
  readonly socketOptions?: LinkOptions
  /** A number from 0 to 1, for jitter. */
  readonly random?: () => number
  readonly timers?: Timers
}

export const standardOptions = {
  from: 'now',
  autoDelivered: true,
  maxUnsent: 1_000,
  headsEveryMs: 30_000,
  pollEveryMs: 10_000,
  holeGraceMs: 250,
  ackTimeoutMs: 5_000,
  requestTimeoutMs: 15_000,
  connectTimeoutMs: 20_000,
  backoff: { minMs: 200, maxMs: 30_000 },
  aroundExchange: (exchange) => exchange(),
  // A browser's fetch must not be called as a method of another object.
  fetch: (...request) => globalThis.fetch(...request),
  socketOptions: {},
  random: Math.random,
  timers: systemTimers,
} as const satisfies Partial<ParleyClientOptions>

export function keepDeviceInMemory(): DeviceShelf {
  let kept: string | undefined
  return {
    read: () => kept,
    write(device) {
      kept = device
    },
  }
}

/** `from`, as positions; undefined when only the server can tell where now is. */
export function toSavedPositions(from: 'now' | 'beginning' | SavedPositions): SavedPositions | undefined {
  if (from === 'now') return undefined
  return from === 'beginning' ? { cursor: null, seqs: {} } : from
}
