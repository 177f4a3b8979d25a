import { isSustained, searchHighest } from './search-highest.ts'

it.each([150, 999, 1_000, 7_777])('finds a limit of %d', async (limit) => {
  const found = await searchHighest(1_000, 0.05, async (rate) => rate <= limit)
  expect(found).toBeLessThanOrEqual(limit)
  expect(found).toBeGreaterThan(limit / 1.06)
})

it('gives up where nothing holds', async () => {
  expect(await searchHighest(1_000, 0.05, async () => false)).toBe(0)
})

const steady = {
  keptUp: true,
  refused: {},
  backlog: [0, 1, 2, 3, 4].map((at) => ({ at: at * 1_000, waiting: 20 })),
}

it('takes a rate as sustained while it is quick, complete and steady', () => {
  expect(isSustained(steady, 20, 100, 5)).toBe(true)
  expect(isSustained(steady, 101, 100, 5)).toBe(false)
  expect(isSustained({ ...steady, refused: { 503: 1 } }, 20, 100, 5)).toBe(false)
  expect(isSustained({ ...steady, keptUp: false }, 20, 100, 5)).toBe(false)
})

it('does not where more and more waits', () => {
  const backlog = steady.backlog.map(({ at }) => ({ at, waiting: at / 10 }))
  expect(isSustained({ ...steady, backlog }, 20, 100, 5)).toBe(false)
})
