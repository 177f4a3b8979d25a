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

export function openTabs({ locks }: Pick<Navigator, 'locks'> | { locks?: undefined }): Tabs {
  const id = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('')
  const closing = new AbortController()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  // The browser lets go of it when the tab ends, however it does.
  locks?.request(lockOf(id), () => closed).catch(() => undefined)

  return {
    id,
    whenGone: (other) =>
      new Promise((gone) => {
        timers.add(setTimeout(gone, patienceMs))
        locks?.request(lockOf(other), { signal: closing.signal }, () => gone()).catch(() => undefined)
      }),
    close() {
      resolve()
      closing.abort()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
