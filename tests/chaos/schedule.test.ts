import { shuffle } from './schedule.ts'

describe('the order of faults', () => {
  it('follows from the seed, and holds each once', () => {
    const items = Array.from({ length: 20 }, (_, index) => index)
    expect(shuffle(items, 7)).toEqual(shuffle(items, 7))
    expect(shuffle(items, 7)).not.toEqual(shuffle(items, 8))
    expect(shuffle(items, 7).toSorted((a, b) => a - b)).toEqual(items)
  })
})
