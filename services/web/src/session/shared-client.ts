import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import type { ParleyClientOptions } from '@parley/client/options.ts'

/** Where the tabs of one browser keep the session that they share. */
export interface SessionVault {
  read(): SavedSession | undefined
  /** Whether it was read here, so that it would be put back by writing it: another tab may have gone on since. */
  holds(session: SavedSession): boolean
  write(session: SavedSession): void
  clear(): void
}

export const sessionKey = 'parley.session'

export function createSessionVault(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
): SessionVault {
  const read = new WeakSet<SavedSession>()
  return {
    read() {
      try {
        const text = storage.getItem(sessionKey)
        if (text === null) return undefined
        const session = JSON.parse(text) as SavedSession
        read.add(session)
        return session
      } catch {
        return undefined
      }
    },
    holds: (session) => read.has(session),
    write: (session) => storage.setItem(sessionKey, JSON.stringify(session)),
    clear: () => storage.removeItem(sessionKey),
  }
}

/** Lets the tabs of a browser do something one at a time. */
export interface Turns {
  take(work: () => Promise<void>): Promise<void>
  /** Resolves once this tab knows what the others stored until now: after a sleep it does not at once. */
  catchUp(): Promise<void>
}

/**
 * Turns by Web Locks, which browsers have on https and on localhost only; elsewhere all go at once. A tab may be
 * frozen in the middle of its turn, for hours: after a while the next one takes the turn over. So works must not
 * mind another one at the same time, nor being woken long after. (The server answers one refresh token with the
 * same next one, as often as it comes.)
 * @param mostMs how long one turn may hold up the others
 */
export function createTurnsOfTabs({
  locks,
  mostMs = 5_000,
}: {
  locks: LockManager | undefined
  mostMs?: number
}): Turns {
  // A question to the browser: whatever it had told this tab before is here before its answer.
  const catchUp = async (): Promise<void> => void (await locks?.query())

  return {
    catchUp,
    async take(work) {
      let working: Promise<void> | undefined
      const begin = (): Promise<void> => (working = catchUp().then(work))
      for (const options of [{ signal: AbortSignal.timeout(mostMs) }, { steal: true }]) {
        try {
          await locks?.request(sessionKey, options, begin)
        } catch {
          // It was not given in time, or it was taken over; then the work goes on all the same.
        }
        if (working !== undefined) return working
      }
      return work()
    },
  }
}

/**
 * A client whose session is shared by all tabs: each stores what it exchanges, and looks there before it
 * exchanges anything, so that a refresh token is used once. What is stored is never put back: who was overtaken
 * during an exchange goes on with what the others stored.
 */
export function createSharedClient({
  vault,
  turns,
  ...options
}: { vault: SessionVault; turns: Turns } & ParleyClientOptions): ParleyClient {
  let current: SavedSession | undefined
  const client = createParleyClient({
    ...options,
    aroundExchange: (exchange) =>
      turns.take(async () => {
        takeStored()
        const before = vault.read()?.refreshToken
        await exchange(async () => {
          await turns.catchUp()
          return vault.read()?.refreshToken === before
        })
        takeStored()
      }),
  })

  function takeStored(): void {
    const stored = vault.read()
    const isOurs = stored !== undefined && stored.user.id === current?.user.id
    if (isOurs && stored.refreshToken !== current?.refreshToken) client.resume(stored)
  }

  client.on('session', (next) => {
    // What another tab stored meanwhile is newer than what ended here.
    if (next === undefined) {
      if (vault.read()?.refreshToken === current?.refreshToken) vault.clear()
    } else if (!vault.holds(next)) vault.write(next)
    current = next
  })
  return client
}
