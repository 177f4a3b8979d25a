import { createRecentIds } from './recent-ids.ts'

it('remembers the last ids, as many as it says at least and twice as many at most', () => {
  const recent = createRecentIds(10)
  for (let number = 0; number < 100; number += 1) {
    recent.add(`id ${number}`)
    const remembered = Array.from({ length: number + 1 }, (_, index) => index).filter((index) =>
      recent.has(`id ${index}`),
    )
    expect(remembered.length).toBeGreaterThanOrEqual(Math.min(10, number + 1))
    expect(remembered.length).toBeLessThanOrEqual(20)
    expect(remembered.at(-1)).toBe(number)
    expect(remembered).toEqual(remembered.map((_, index) => remembered[0]! + index))
  }
  expect(recent.has('another')).toBe(false)
})
