import { now } from './clock.ts'

/** How many may wait for their answer until the run is given up: what is behind this far does not catch up. */
const mostOutstanding = 20_000

/** Work that begins when it is due, however much of what began before is still under way. */
export interface OnSchedule {
  due(): number
  begun(): number
  /** All has begun and all has been answered, or the run was given up. */
  done(): boolean
  keptUp(): boolean
  stop(): void
}

/**
 * An open loop: nothing waits for an answer, and nothing is left out because the server is slow.
 * @param at when each piece is due, in milliseconds from `startAt`
 * @param mine which of them are begun here, in order
 * @param begin gets the index, when that was due by the clock, and what to call once it is answered
 */
export function beginOnSchedule({
  at,
  mine,
  startAt,
  begin,
}: {
  at: Float64Array
  mine: readonly number[]
  startAt: number
  begin: (index: number, dueAt: number, onAnswered: () => void) => void
}): OnSchedule {
  let next = 0
  let answered = 0
  let keptUp = true
  let timer: NodeJS.Timeout | undefined

  const dueAt = (place: number): number => startAt + at[mine[place]!]!

  function pump(): void {
    const time = now()
    for (; next < mine.length && dueAt(next) <= time; next += 1) {
      begin(mine[next]!, dueAt(next), () => {
        answered += 1
      })
    }
    if (next - answered > mostOutstanding) {
      keptUp = false
      return
    }
    if (next < mine.length) timer = setTimeout(pump, Math.max(0, dueAt(next) - now()))
  }
  timer = setTimeout(pump, startAt - now())

  return {
    due() {
      const time = now()
      let count = next
      while (count < mine.length && dueAt(count) <= time) count += 1
      return count
    },
    begun: () => next,
    done: () => !keptUp || (next === mine.length && answered === next),
    keptUp: () => keptUp,
    stop: () => clearTimeout(timer),
  }
}
