import * as fc from 'fast-check'
import { lastEndBetween, layOut, rowAt, rowsBetween, totalOf } from './windowing.ts'

const heights = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 60 })

describe('windowing', () => {
  it('knows where rows begin, and which lie in view', () => {
    const offsets = layOut([10, 20, 30], (height) => height)
    expect([...offsets]).toEqual([0, 10, 30, 60])
    expect(rowsBetween(offsets, 10, 29)).toEqual({ start: 1, end: 2 })
    expect(rowsBetween(offsets, -50, 500)).toEqual({ start: 0, end: 3 })
  })

  it('copes with no rows', () => {
    expect(
      rowsBetween(
        layOut([], () => 1),
        0,
        100,
      ),
    ).toEqual({ start: 0, end: 0 })
  })

  it('knows the last row whose end is in view', () => {
    const offsets = layOut([10, 20, 300, 40], (height) => height)
    const last = (top: number, bottom: number) => lastEndBetween(offsets, top, bottom)
    expect(last(0, 29)).toBe(0)
    expect(last(0, 30)).toBe(1)
    expect(last(-50, 900)).toBe(3)
    // A row that is taller than the view counts when its end comes.
    expect(last(40, 140)).toBe(-1)
    expect(last(240, 340)).toBe(2)
    expect(last(0, 5)).toBe(-1)
    expect(lastEndBetween(new Float64Array(1), 0, 100)).toBe(-1)
  })

  it('finds the row of every height', () => {
    fc.assert(
      fc.property(heights, fc.nat(), (all, at) => {
        const offsets = layOut(all, (height) => height)
        const y = at % totalOf(offsets)
        const index = rowAt(offsets, y)
        expect(offsets[index]).toBeLessThanOrEqual(y)
        expect(offsets[index + 1]).toBeGreaterThan(y)
      }),
    )
  })
})
