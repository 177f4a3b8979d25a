import type { EventEmitter } from 'node:events'

/** One way to hurt others. Each is bounded in how much it opens and how often, and goes to a server of our own only. */
export interface HostileKind {
  readonly name: string
  readonly what: string
  /** Whatever it needs before it can begin: accounts, a conversation with long pages. */
  prepare(target: Target): Promise<Attack>
}

export interface Target {
  readonly url: string
  /** E-mail addresses of honest people, for guesses at their passwords. */
  readonly victims: readonly string[]
  /** Ids of honest people. */
  readonly userIds: readonly string[]
}

export interface Attack {
  readonly begin: () => void
  /** Closes all that is open. */
  readonly end: () => void
  /** What it did, and what it was answered, as numbers by name. */
  readonly counts: () => Readonly<Record<string, number>>
}

export interface Counts {
  readonly add: (name: string) => void
  readonly all: () => Record<string, number>
}

export function createCounts(): Counts {
  const counts: Record<string, number> = {}
  return {
    add(name) {
      counts[name] = (counts[name] ?? 0) + 1
    },
    all: () => ({ ...counts }),
  }
}

/**
 * So many loops beside each other, from `begin` to `end`, each with the next turn when the one before is over.
 * A turn that fails is followed by the next one a moment later.
 */
export function createLoops(
  count: number,
  turn: (index: number, stop: AbortSignal) => Promise<void>,
): Pick<Attack, 'begin' | 'end'> {
  const stop = new AbortController()
  async function loop(index: number): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await turn(index, stop.signal)
      } catch {
        await pause(500, stop.signal)
      }
    }
  }
  return {
    begin() {
      for (let index = 0; index < count; index += 1) void loop(index)
    },
    end: () => stop.abort(),
  }
}

/** Resolves when it is closed, also when it never was open: who waits for something else first must not be surprised. */
export const closing = (socket: EventEmitter): Promise<void> =>
  new Promise((resolve) => void socket.once('close', () => resolve()))

/** Resolves after so long, or when it is to stop. */
export function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    stop.addEventListener('abort', done)
  })
}
