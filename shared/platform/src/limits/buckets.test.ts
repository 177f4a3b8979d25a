import { createMetrics } from '../metrics.ts'
import { createBucketsFor } from './buckets.ts'

describe('buckets', () => {
  const limited = (retryAfterSeconds: number) =>
    expect.objectContaining({ code: 'rate-limited', details: { retryAfterSeconds } }) as object

  /** How the next take fails. */
  function refusalOf(take: () => void): unknown {
    try {
      take()
      return undefined
    } catch (error) {
      return error
    }
  }

  it('gives each key its burst, and says when to come back', () => {
    const buckets = createBucketsFor()({ name: 'sends', perSecond: 1, burst: 3 })
    for (const key of ['alice', 'bob']) {
      for (let time = 0; time < 3; time += 1) buckets.take(key)
      expect(refusalOf(() => buckets.take(key))).toEqual(limited(1))
      expect(refusalOf(() => buckets.take(key, 3))).toEqual(limited(3))
    }
  })

  it('answers with the code of the limit, and counts what it refused', async () => {
    const metrics = createMetrics()
    const bucketsFor = createBucketsFor({ metrics })
    const buckets = bucketsFor({ name: 'bytes', perSecond: 10, burst: 100, code: 'overloaded' })
    bucketsFor({ name: 'others', perSecond: 1, burst: 1 }).take('alice')
    buckets.take('alice', 90)
    expect(refusalOf(() => buckets.take('alice', 50))).toMatchObject({ code: 'overloaded' })
    buckets.take('alice', 10)
    const counted = await metrics.registry.getSingleMetric('parley_limited_total')?.get()
    expect(counted?.values).toMatchObject([{ labels: { limit: 'bytes' }, value: 1 }])
  })
})
