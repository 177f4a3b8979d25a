import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import type { ParleyClientOptions } from '@parley/client/options.ts'

/** Where the tabs of one browser keep the session that they share. */
export interface SessionVault {
  read(): SavedSession | undefined
  write(session: SavedSession): void
  clear(): void
}

export const sessionKey = 'parley.session'

export function createSessionVault(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
): SessionVault {
  return {
    read() {
      try {
        const text = storage.getItem(sessionKey)
        return text === null ? undefined : (JSON.parse(text) as SavedSession)
      } catch {
        return undefined
      }
    },
    write: (session) => storage.setItem(sessionKey, JSON.stringify(session)),
    clear: () => storage.removeItem(sessionKey),
  }
}

/** Runs works of all tabs one at a time. */
export type InTurn = (work: () => Promise<void>) => Promise<void>

/**
 * Web Locks, which browsers have on https and on localhost only. Elsewhere tabs may exchange one token at the
 * same time, for which the server allows half a minute.
 */
export const inTurnOfTabs: InTurn = (work) =>
  'locks' in navigator ? navigator.locks.request(sessionKey, work) : work()

/**
 * A client whose session is shared by all tabs: each stores what it exchanges, and looks there before it
 * exchanges anything, so that a refresh token is used once.
 */
export function createSharedClient({
  vault,
  inTurn,
  ...options
}: { vault: SessionVault; inTurn: InTurn } & ParleyClientOptions): ParleyClient {
  let current: SavedSession | undefined
  const client = createParleyClient({
    ...options,
    aroundExchange: (exchange) =>
      inTurn(async () => {
        takeStored()
        await exchange()
      }),
  })

  function takeStored(): void {
    const stored = vault.read()
    const isOurs = stored !== undefined && stored.user.id === current?.user.id
    if (isOurs && stored.refreshToken !== current?.refreshToken) client.resume(stored)
  }

  client.on('session', (next) => {
    // What another tab stored meanwhile is newer than what ended here.
    if (next !== undefined) vault.write(next)
    else if (vault.read()?.refreshToken === current?.refreshToken) vault.clear()
    current = next
  })
  return client
}
