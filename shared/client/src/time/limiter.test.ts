import { settle } from '../testing/manual-timers.ts'
import { createLimiter } from './limiter.ts'

describe('a limiter', () => {
  it('runs so many at a time, in order, whatever fails', async () => {
    const limit = createLimiter(2)
    const started: number[] = []
    const ends: (() => void)[] = []
    const works = [0, 1, 2, 3].map((number) =>
      limit(() => {
        started.push(number)
        return new Promise<number>((resolve, reject) => {
          ends.push(() => (number === 1 ? reject(new Error('failed')) : resolve(number)))
        })
      }),
    )
    const results = Promise.allSettled(works)
    expect(started).toEqual([0, 1])
    ends[1]?.()
    await settle()
    expect(started).toEqual([0, 1, 2])
    ends[0]?.()
    await settle()
    expect(started).toEqual([0, 1, 2, 3])
    ends[2]?.()
    ends[3]?.()
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    // All places are free again.
    await expect(limit(() => Promise.resolve('next'))).resolves.toBe('next')
  })
})
