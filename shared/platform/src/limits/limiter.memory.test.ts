import { consume, memoryLimiterFor } from './limiter.ts'
import { describeLimiters } from './limiter.contract.ts'

describe('in memory', () => {
  describeLimiters(memoryLimiterFor)

  it('remember ten thousand keys, and of more the ones that came last', async () => {
    const limiter = memoryLimiterFor({ name: 'many', points: 1, seconds: 60, whenAway: 'refuse' })
    for (let key = 0; key <= 10_000; key += 1) await consume(limiter, String(key))
    await expect(consume(limiter, '10000')).rejects.toMatchObject({ code: 'rate-limited' })
    await expect(consume(limiter, '1')).rejects.toMatchObject({ code: 'rate-limited' })
    await consume(limiter, '0')
  })
})
