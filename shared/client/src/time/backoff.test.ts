import * as fc from 'fast-check'
import { ParleyClientError, retryAfterMs } from '../client-error.ts'
import { problemFor } from '../testing/protocol-server.ts'
import { askedWaitMs, createBackoff } from './backoff.ts'

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

describe('what a server asks to wait', () => {
  it('counts up to 5 minutes, and never less than nothing', () => {
    expect([-1, 0, 7_000, 300_001, 1e300, NaN, Infinity].map(askedWaitMs)).toEqual([
      0, 0, 7_000, 300_000, 300_000, 0, 0,
    ])
  })

  it('is read from its problem, whatever stands there', () => {
    const asked = [7, 1e12, -3, 'soon' as unknown as number, undefined].map((retryAfterSeconds) =>
      retryAfterMs(new ParleyClientError({ ...problemFor('overloaded'), retryAfterSeconds })),
    )
    expect(asked).toEqual([7_000, 300_000, 0, 0, 0])
    expect(retryAfterMs(new Error('something else'))).toBe(0)
  })
})
