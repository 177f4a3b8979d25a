import { ParleyClientError } from '../client-error.ts'
import type { ClientState } from '../events/client-events.ts'

/**
 * What is known to keep a client from being live.
 * - `no-socket`: the server answers, but no socket to it can be had (a proxy may not let them through). While the
 *   state is `connecting`, what was missed is asked for from time to time, so entries come late; messages and
 *   receipts go out as ever. Typing, presence and the receipts of others are not told.
 * - `too-many-sockets`: the same, since the server counts too many of them: the user has others open, or the network
 *   has. The client tries again, and gets one when others are closed.
 * - `server-failing`: the server is there, but cannot answer now. The client tries again.
 */
export type Limited = 'no-socket' | 'too-many-sockets' | 'server-failing'

/** Draws from what works and what fails what keeps a client from being live. */
export interface Limits {
  /** Undefined: nothing, or nothing that is known. */
  readonly current: Limited | undefined
  /** The client is in this state from now on. */
  enter(state: ClientState): void
  /** Passes on how a question about what was missed ends. */
  follow<R>(answer: Promise<R>): Promise<R>
  /** A comparison without a socket is done. */
  polled(): void
  /** A connection could not be made, as the gateway said, or for want of a token. */
  refused(error: unknown, by: 'gateway' | 'session'): void
}

export function createLimits(onChange: (limited: Limited | undefined) => void): Limits {
  let state: ClientState = 'offline'
  let current: Limited | undefined
  let isPolling = false
  let isFailing = false
  let isCrowded = false

  function look(): void {
    const next = find()
    if (next === current) return
    current = next
    onChange(next)
  }

  function find(): Limited | undefined {
    if (state === 'connecting' && isCrowded) return 'too-many-sockets'
    if (state === 'connecting' && isPolling) return 'no-socket'
    return isFailing && (state === 'connecting' || state === 'catching-up') ? 'server-failing' : undefined
  }

  return {
    get current() {
      return current
    },
    enter(next) {
      state = next
      isFailing = false
      isCrowded = false
      // An app may leave and come back in between, on the same network.
      if (next === 'catching-up') isPolling = false
      look()
    },
    async follow(answer) {
      try {
        const value = await answer
        isFailing = false
        look()
        return value
      } catch (error) {
        // Not when it was broken off. With a socket the network is not to blame, whoever it is that says no.
        if (error instanceof ParleyClientError) {
          isFailing = state === 'catching-up' || isServersFault(error)
          isPolling = false
          look()
        }
        throw error
      }
    },
    polled() {
      isPolling = true
      look()
    },
    refused(error, by) {
      isFailing = isServersFault(error)
      isCrowded = by === 'gateway' && error instanceof ParleyClientError && error.code === 'rate-limited'
      look()
    },
  }
}

const isServersFault = (error: unknown): boolean =>
  error instanceof ParleyClientError && (error.problem?.status ?? 0) >= 500
