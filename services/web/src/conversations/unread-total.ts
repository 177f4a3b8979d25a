import { computed, type ReadonlySignal, signal } from '@preact/signals-core'

/** How much is unread in all conversations, those that are not loaded included. */
export interface UnreadTotal {
  readonly count: ReadonlySignal<number>
  /** How much the server says is unread in what is not loaded here; undefined: it is of a release that does not. */
  take(beyond: number | undefined): void
  /** To be called before the server is asked; then tells whether its answer knows of everything that happened here. */
  watch(): () => boolean
  /** A message of somebody else came in a conversation that is not loaded. */
  came(): void
  /** A conversation was loaded, with so much unread. */
  loaded(unread: number): void
  /** The user read something here that the server is yet to be told: what it says until then is not taken. */
  noted(): void
  /** The server was told everything that was noted. */
  told(): void
  /** Asks the server soon. */
  look(): void
  close(): void
}

/** Several things happen at once, and one question is enough. */
const pauseMs = 500
/** On a busy day something always happens while one asks. */
const mostTries = 5

/**
 * The count is that of the loaded conversations, and what the server says beyond: so it follows at once what
 * happens in the former.
 * @param here how much is unread in what is loaded
 * @param ask the server, and take its answer if it is still current by then; tells whether it was
 */
export function createUnreadTotal(
  here: ReadonlySignal<number>,
  ask: (isCurrent: () => boolean) => Promise<boolean>,
): UnreadTotal {
  const elsewhere = signal(0)
  const count = computed(() => here.value + elsewhere.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOwed = false
  let wasLeftOut = false

  function watch(): () => boolean {
    const [before, wasOwed] = [count.value, isOwed]
    return () => !wasOwed && !isOwed && count.value === before
  }

  async function look(tries: number): Promise<void> {
    timer = undefined
    wasLeftOut = isOwed
    if (isOwed) return
    try {
      if (!(await ask(watch())) && tries < mostTries) schedule(tries + 1)
    } catch {
      // The list is asked for again after each connection.
    }
  }

  function schedule(tries: number): void {
    timer ??= setTimeout(() => void look(tries), pauseMs)
  }

  return {
    count,
    take(beyond = 0) {
      elsewhere.value = Math.max(0, beyond)
    },
    watch,
    came() {
      elsewhere.value += 1
    },
    loaded(unread) {
      elsewhere.value = Math.max(0, elsewhere.value - unread)
    },
    noted() {
      isOwed = true
    },
    told() {
      isOwed = false
      if (wasLeftOut) schedule(1)
    },
    look: () => schedule(1),
    close: () => clearTimeout(timer),
  }
}

/** The server counts no further. */
const mostCounted = 10_000

export const totalText = (count: number): string =>
  count >= mostCounted ? `${mostCounted - 1}+` : String(count)
