import type { Timers } from '../time/timers.ts'
import { problemFor } from './protocol-server.ts'
import { Refused } from './simulated-server.ts'

/**
 * What becomes of one message on the network: an HTTP request, a command or an event of a socket, a handshake.
 * - `slow`: others overtake it. `late`: it arrives when everybody has given it up.
 * - `dripping`: an answer over HTTP takes a minute, but something of it keeps coming.
 * - `answer-lost`: it takes effect, and nobody learns of it. `twice`: it arrives twice.
 * - `busy`: the server answers 503, `busy-for-ever`: with a Retry-After of 30 years, `garbled`: a proxy's page.
 */
export type Fate =
  | 'ok'
  | 'slow'
  | 'late'
  | 'dripping'
  | 'lost'
  | 'answer-lost'
  | 'twice'
  | 'busy'
  | 'busy-for-ever'
  | 'garbled'

export const hopMs = 10
const delays: Partial<Record<Fate, number>> = { slow: 700, dripping: 700, late: 20_000 }
const secondMs = 300

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly drips?: boolean
}

/** Carries messages, each as its fate has it. */
export interface Wire {
  /** To the server and back. `answer` is not called for what is lost; `cut` stands for a broken connection. */
  ask(work: () => unknown, answer: (answer: Answer | 'cut') => void): void
  /** To a client. */
  tell(arrive: () => void): void
  /** The server is away for so long, and what was under way is cut. */
  restart(downMs: number): void
  /** From now on everything arrives. */
  heal(): void
}

/** @param fates of the messages, in the order in which they are sent; all later ones arrive */
export function createSimulatedWire(timers: Timers, fates: readonly Fate[]): Wire {
  let sent = 0
  let isHealed = false
  let isUp = true
  let run = 0

  const nextFate = (): Fate => (isHealed ? 'ok' : (fates[sent++] ?? 'ok'))

  return {
    ask(work, answer) {
      const fate = nextFate()
      if (fate === 'lost') return
      const began = run
      const hop = delays[fate] ?? hopMs
      const arrive = (): void => {
        if (!isUp || run !== began) return answer('cut')
        const result = { ...(failures[fate] ?? attempt(work)), drips: fate === 'dripping' }
        if (fate !== 'answer-lost') timers.after(hop, () => answer(run === began ? result : 'cut'))
      }
      timers.after(hop, arrive)
      if (fate === 'twice') timers.after(secondMs, arrive)
    },
    tell(arrive) {
      const fate = nextFate()
      if (fate === 'lost' || fate === 'answer-lost') return
      timers.after(delays[fate] ?? hopMs, arrive)
      if (fate === 'twice') timers.after(secondMs, arrive)
    },
    restart(downMs) {
      run += 1
      isUp = false
      const began = run
      timers.after(downMs, () => {
        if (run === began) isUp = true
      })
    },
    heal() {
      isHealed = true
      isUp = true
    },
  }
}

const failures: Partial<Record<Fate, Answer>> = {
  garbled: { status: 502, body: '<html>Bad gateway</html>' },
  busy: { status: 503, body: problemFor('overloaded', { retryAfterSeconds: 2 }) },
  'busy-for-ever': { status: 503, body: problemFor('overloaded', { retryAfterSeconds: 1e9 }) },
}

function attempt(work: () => unknown): Answer {
  try {
    return { status: 200, body: work() }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const problem = problemFor(error.code)
    return { status: problem.status, body: problem }
  }
}
