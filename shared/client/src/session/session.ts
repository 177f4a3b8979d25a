import type { refresh } from '@parley/contracts/sessions.ts'
import { ParleyClientError, retryAfterMs } from '../client-error.ts'
import type { SessionEnd } from '../events/client-events.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { Backoff } from '../time/backoff.ts'
import { sleep, type Timers } from '../time/timers.ts'
import { type SavedSession, toSavedSession } from './saved-session.ts'

/**
 * Holds the tokens of one login and keeps them fresh. However many calls need newer tokens at a time, they
 * are exchanged once, for a refresh token is good for one exchange.
 */
export interface Session {
  readonly current: SavedSession | undefined
  /** @throws ParleyClientError `not-logged-in` */
  userId(): string
  start(session: SavedSession): void
  /** Forgets the tokens. With an `end`, says that it was not the app's wish. */
  stop(end?: SessionEnd): void
  /**
   * An access token, exchanged before if it is about to expire.
   * @throws ParleyClientError `not-logged-in`, `refresh-token-invalid`
   */
  accessToken(): Promise<string>
  /**
   * A server found this token too old: exchanges it, unless it has been replaced already, or several were exchanged
   * for that in the last moments. A server that finds new tokens too old has a wrong clock, and more of them are no
   * help: another replica, or time, may be. Rejects when the exchange fails.
   */
  refused(token: string): Promise<void>
  /** Exchanges the tokens in time, again and again, until aborted. */
  keepFresh(signal: AbortSignal): Promise<void>
}

/** So many refused tokens are exchanged within so long. */
const mostRefused = 3
const refusedWithinMs = 30_000

/** Exchanges the tokens once. @param mayKeep whether what the server answered may be taken */
export type Exchange = (mayKeep?: () => Promise<boolean>) => Promise<void>

/**
 * @param aroundExchange runs each exchange; when the session is another one by then, nothing is exchanged
 * @param onChange told about each new state, undefined when there is no session any more
 * @param onEnd told after that when it ended by itself
 */
export function createSession({
  http,
  timers,
  backoff,
  aroundExchange,
  onChange,
  onEnd,
}: {
  http: HttpClient
  timers: Timers
  backoff: Backoff
  aroundExchange: (exchange: Exchange) => Promise<void>
  onChange: (session: SavedSession | undefined) => void
  onEnd: (end: SessionEnd) => void
}): Session {
  let current: SavedSession | undefined
  let exchanging: Promise<void> | undefined
  /** When tokens were exchanged because a server refused them. */
  let refusals: readonly number[] = []

  function set(next: SavedSession | undefined): void {
    current = next
    onChange(next)
  }

  function stop(end?: SessionEnd): void {
    if (current === undefined) return
    set(undefined)
    if (end !== undefined) onEnd(end)
  }

  async function exchange(
    old: SavedSession,
    mayKeep: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<void> {
    if (current !== old) return
    const { refreshToken } = old
    try {
      const call = http.as(undefined)
      const answer = await call<typeof refresh>('post', '/users/auth/refresh', { body: { refreshToken } })
      const mine = await mayKeep()
      // The app may have logged out, or in again, meanwhile.
      if (mine && current === old) set(toSavedSession(old.user, answer, timers.now()))
    } catch (error) {
      const over = error instanceof ParleyClientError && error.code === 'refresh-token-invalid'
      if (over && current === old) stop({ reason: 'refresh-token-invalid' })
      throw error
    }
  }

  /** Exchanges the tokens, unless `stale` has been replaced already. Rejects when that fails. */
  async function renew(stale: string): Promise<void> {
    if (current === undefined) throw new ParleyClientError('not-logged-in')
    if (current.token !== stale) return
    const old = current
    exchanging ??= aroundExchange((mayKeep) => exchange(old, mayKeep)).finally(() => {
      exchanging = undefined
    })
    await exchanging
  }

  return {
    get current() {
      return current
    },
    userId() {
      if (current === undefined) throw new ParleyClientError('not-logged-in')
      return current.user.id
    },
    start: set,
    stop,
    async refused(token) {
      if (current !== undefined && current.token === token && exchanging === undefined) {
        const now = timers.now()
        refusals = refusals.filter((at) => at <= now && now - at < refusedWithinMs)
        if (refusals.length >= mostRefused) return
        refusals = [...refusals, now]
      }
      await renew(token)
    },

    async accessToken() {
      if (current !== undefined && timers.now() >= current.refreshAt) {
        try {
          await renew(current.token)
        } catch (error) {
          // The token at hand may still be good; if it is not, the call that uses it will be told.
          if (current === undefined) throw error
        }
      }
      if (current === undefined) throw new ParleyClientError('not-logged-in')
      return current.token
    },

    async keepFresh(signal) {
      let failures = 0
      let failure: unknown
      for (;;) {
        if (signal.aborted || current === undefined) return
        const wait =
          failures > 0
            ? backoff(failures, retryAfterMs(failure))
            : Math.max(0, current.refreshAt - timers.now())
        await sleep(timers, wait, signal)
        if (signal.aborted || current === undefined) return
        try {
          // A call may have exchanged them while this slept.
          if (timers.now() >= current.refreshAt) await renew(current.token)
          failures = 0
        } catch (error) {
          failures += 1
          failure = error
        }
      }
    },
  }
}
