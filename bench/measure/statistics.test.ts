import { medianOf, slopeOf, spreadOf } from './statistics.ts'

it('takes the middle of an odd number, and the mean of the two middle ones of an even number', () => {
  expect(medianOf([3, 1, 2])).toBe(2)
  expect(medianOf([4, 1, 3, 2])).toBe(2.5)
  expect(medianOf([])).toBeNaN()
})

it('spreads from the least to the most, whatever the order', () => {
  expect(spreadOf([10, 2, 3])).toEqual({ min: 2, median: 3, max: 10 })
})

it('finds how fast a line grows, and nothing in a single point', () => {
  expect(slopeOf([0, 1, 2, 3].map((x) => ({ x, y: 5 + 2 * x })))).toBeCloseTo(2)
  expect(slopeOf([{ x: 1, y: 1 }])).toBe(0)
})
