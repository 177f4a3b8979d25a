import * as fc from 'fast-check'
import { createBackoff } from './backoff.ts'

describe('backoff', () => {
  it('doubles up to its bound, with jitter over the upper half', () => {
    const gaps = (random: number): number[] => {
      const backoff = createBackoff({ minMs: 200, maxMs: 1_000 }, () => random)
      return [0, 1, 2, 3, 50, 5_000].map((failures) => backoff(failures))
    }
    expect(gaps(0)).toEqual([100, 200, 400, 500, 500, 500])
    expect(gaps(1)).toEqual([200, 400, 800, 1_000, 1_000, 1_000])
  })

  it('never waits less than the server asks', () => {
    const backoff = createBackoff({ minMs: 200, maxMs: 30_000 }, Math.random)
    fc.assert(
      fc.property(fc.nat(100), fc.nat(60_000), (failures, retryAfterMs) => {
        const gap = backoff(failures, retryAfterMs)
        expect(gap).toBeGreaterThan(retryAfterMs)
        expect(gap).toBeLessThanOrEqual(retryAfterMs + 30_000)
      }),
    )
  })
})
