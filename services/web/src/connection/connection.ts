import type { ParleyClient } from '@parley/client/parley-client.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'
import { bannerFor, type BannerState, calmAtFirst, nextBanner } from './calm-banner.ts'

/** The connection as the user is told about it. */
export interface Connection {
  readonly banner: ReadonlySignal<BannerState>
  close(): void
}

/** Connects, and does not wait when the browser says that the network changed or the user came back. */
export function openConnection(client: ParleyClient, window: Window): Connection {
  const { navigator, document } = window
  const banner = signal<BannerState>(undefined)
  let calm = calmAtFirst
  let again: ReturnType<typeof setTimeout> | undefined

  function look(): void {
    clearTimeout(again)
    const next = nextBanner(calm, bannerFor(client, navigator.onLine), Date.now())
    calm = next.calm
    banner.value = calm.shown
    if (next.againInMs !== undefined) again = setTimeout(look, next.againInMs)
  }

  /** Begins anew: without the gap before the next try, and without trust in a socket that may be dead. */
  function reconnect(): void {
    client.disconnect()
    client.connect().catch(() => undefined)
  }

  const stops = [client.on('state', look), client.on('limited', look)]
  const onReturn = (): void => {
    if (!document.hidden && client.state === 'connecting') reconnect()
  }
  window.addEventListener('online', reconnect)
  window.addEventListener('offline', reconnect)
  document.addEventListener('visibilitychange', onReturn)
  reconnect()

  return {
    banner,
    close() {
      clearTimeout(again)
      for (const stop of stops) stop()
      window.removeEventListener('online', reconnect)
      window.removeEventListener('offline', reconnect)
      document.removeEventListener('visibilitychange', onReturn)
    },
  }
}
