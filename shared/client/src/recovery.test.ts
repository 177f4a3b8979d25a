import * as fc from 'fast-check'
import { liveThrough } from './testing/live-through.ts'
import { plans } from './testing/simulated-plan.ts'

/** `SIMULATIONS=20000 SEED=42` for a long run, or the one that failed. */
const { SIMULATIONS: numRuns = 2_000, SEED: seed } = process.env

describe('a client on a bad network', () => {
  it('shows and stores everything once and in order, and is live again in bounded time', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        expect(await liveThrough(plan)).toEqual([])
      }),
      { numRuns: Number(numRuns), ...(seed === undefined ? {} : { seed: Number(seed) }) },
    )
  }, 600_000)
})
