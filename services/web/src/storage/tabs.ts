/** The tabs of one browser in which the app is open, as far as they are told apart. */
export interface Tabs {
  /** This one. */
  readonly id: string
  /** Resolves once a tab is gone for good, or seems to be. */
  whenGone(id: string): Promise<void>
  close(): void
}

/** A tab that is frozen holds its lock, and does nothing; and without Web Locks nobody knows. */
const patienceMs = 30_000

const lockOf = (id: string): string => `parley.tab.${id}`

/** @param mostMs after so long a tab seems to be gone */
export function openTabs(
  { locks }: Pick<Navigator, 'locks'> | { locks?: undefined },
  mostMs = patienceMs,
): Tabs {
  const id = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('')
  /** Ends what is waited for, each. */
  const stops = new Set<() => void>()
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  // The browser lets go of it when the tab ends, however it does.
  locks?.request(lockOf(id), () => closed).catch(() => undefined)

  return {
    id,
    whenGone: (other) =>
      new Promise((gone) => {
        const asking = new AbortController()
        const stop = (): void => {
          clearTimeout(timer)
          // Each message of a tab that stays open asks; none is to ask for as long as that tab lives.
          asking.abort()
          stops.delete(stop)
        }
        const go = (): void => {
          gone()
          stop()
        }
        const timer = setTimeout(go, mostMs)
        stops.add(stop)
        locks?.request(lockOf(other), { signal: asking.signal }, go).catch(() => undefined)
      }),
    close() {
      resolve()
      for (const stop of stops) stop()
    },
  }
}
