import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { consume, type LimiterFor, type LimiterOptions } from './limiter.ts'

/** @param limiterFor makes limiters that share their counts with none of another test */
export function describeLimiters(limiterFor: LimiterFor): void {
  describe('limiters', () => {
    const make = (options: Partial<LimiterOptions> = {}) =>
      limiterFor({ name: randomUUID(), points: 3, seconds: 60, whenAway: 'refuse', ...options })
    const limited = { code: 'rate-limited' }
    const [alice, bob] = ['alice@example.com', 'bob@example.com']

    it('let through as many as there are points, and say when to come back', async () => {
      const limiter = make()
      for (let time = 0; time < 3; time += 1) await consume(limiter, alice)
      await expect(consume(limiter, alice)).rejects.toMatchObject({
        ...limited,
        details: { retryAfterSeconds: 60 },
      })
      await expect(consume(limiter, alice)).rejects.toMatchObject(limited)
    })

    it('let no more through when they come at the same time', async () => {
      const limiter = make({ points: 5 })
      const results = await Promise.allSettled(Array.from({ length: 30 }, () => consume(limiter, alice)))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    })

    it('count every key and every limiter by itself', async () => {
      const [limiter, other] = [make({ points: 1 }), make({ points: 1 })]
      await consume(limiter, alice)
      await consume(limiter, bob)
      await consume(other, alice)
      await expect(consume(limiter, alice)).rejects.toMatchObject(limited)
    })

    it('take a point back', async () => {
      const limiter = make({ points: 1 })
      await consume(limiter, alice)
      await limiter.reward(alice)
      await consume(limiter, alice)
      await expect(consume(limiter, alice)).rejects.toMatchObject(limited)
    })

    it('forget a key', async () => {
      const limiter = make({ points: 1 })
      await limiter.delete(alice)
      await consume(limiter, alice)
      await limiter.delete(alice)
      await consume(limiter, alice)
      await expect(consume(limiter, alice)).rejects.toMatchObject(limited)
    })

    it('begin anew when the window is over', async () => {
      const limiter = make({ points: 1, seconds: 1 })
      await consume(limiter, alice)
      await expect(consume(limiter, alice)).rejects.toMatchObject(limited)
      await sleep(1_200)
      await consume(limiter, alice)
    })
  })
}
