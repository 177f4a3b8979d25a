import { arrivalTimes, choosePairs, createPlan } from './plan.ts'

const parameters = { seed: 7, ratePerSecond: 1_000, count: 20_000 }

it('has arrivals at the rate, in order, with gaps as independent people make them', () => {
  const at = arrivalTimes(parameters)
  const gaps = [...at].map((time, index) => time - (at[index - 1] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThan(0)
  expect(at.at(-1)! / parameters.count).toBeCloseTo(1, 1)
  // Of exponential gaps, e^-2 are longer than twice their mean.
  expect(gaps.filter((gap) => gap > 2).length / parameters.count).toBeCloseTo(Math.exp(-2), 1)
})

it('is the same for the same seed, and another one for another', () => {
  expect(arrivalTimes(parameters)).toEqual(arrivalTimes(parameters))
  expect(arrivalTimes({ ...parameters, seed: 8 })).not.toEqual(arrivalTimes(parameters))
})

it('chooses pairs of different people, none twice', () => {
  const pairs = choosePairs(1, 20, 150)
  expect(new Set(pairs.map(String)).size).toBe(150)
  for (const [one, other] of pairs) expect(one).not.toBe(other)
  expect(() => choosePairs(1, 3, 4)).toThrow('3 people have no 4 pairs')
})

it('sends in both directions of the conversations, in turn where asked', () => {
  const pairs = choosePairs(1, 20, 5)
  const { sender, receiver } = createPlan({ ...parameters, pick: 'in-turn', direction: 'both' }, pairs)
  for (const [index, [one, other]] of pairs.entries())
    expect(new Set([sender[index], receiver[index]])).toEqual(new Set([one, other]))
  expect(new Set(sender).size).toBe(new Set(pairs.flat()).size)
  const oneWay = createPlan({ ...parameters, pick: 'any', direction: 'forth' }, pairs)
  expect(new Set(oneWay.sender)).toEqual(new Set(pairs.map(([one]) => one)))
})
