import { consume, type LimiterFor } from '@parley/platform/limits/limiter.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'

/** What was taken, until it is known whether it counts. */
export interface Taken {
  /** It is one beyond what the window has. */
  readonly slowed: boolean
  /** Gives back this one. */
  giveBack(): Promise<void>
  /** Forgets all that was counted of the key. */
  forget(): Promise<void>
}

/**
 * Lets so many through in a window, and beyond them one now and then: slower, but never locked, so that guessing in
 * somebody's name takes nothing from them that does not come back by itself within moments.
 */
export interface SlowDown {
  /**
   * @param pace what goes on slowly by itself beyond the window: the key, or a part of it
   * @throws ParleyError `rate-limited` or `unavailable`
   */
  take(key: string, pace?: string): Promise<Taken>
}

/** @param paceSeconds between two that are let through beyond the window */
export function createSlowDown(
  limiterFor: LimiterFor,
  {
    name,
    points,
    seconds,
    paceSeconds,
  }: { name: string; points: number; seconds: number; paceSeconds: number },
): SlowDown {
  const inWindow = limiterFor({ name, points, seconds, whenAway: 'refuse' })
  const beyond = limiterFor({ name: `${name}-pace`, points: 1, seconds: paceSeconds, whenAway: 'refuse' })

  return {
    async take(key, pace = key) {
      const slowed = await consume(inWindow, key).then(
        () => false,
        (error: unknown) => {
          if (error instanceof ParleyError && error.code === 'rate-limited') return true
          throw error
        },
      )
      if (slowed) await consume(beyond, pace)
      return {
        slowed,
        async giveBack() {
          await inWindow.reward(key)
          if (slowed) await beyond.reward(pace)
        },
        async forget() {
          await inWindow.delete(key)
          if (slowed) await beyond.delete(pace)
        },
      }
    },
  }
}
