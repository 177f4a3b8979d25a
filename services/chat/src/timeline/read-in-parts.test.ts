import { readInParts } from './read-in-parts.ts'

describe('a page that is read in parts', () => {
  const asked: [from: number, count: number][] = []
  const readOf =
    (rows: number, body: string) =>
    (from: number, count: number): Record<string, unknown>[] => {
      asked.push([from, count])
      const length = Math.max(0, Math.min(count, rows - from))
      return Array.from({ length }, (_, index) => ({ seq: from + index + 1, body }))
    }
  beforeEach(() => asked.splice(0))

  it.each<[string, number, string, number, [number, number][], number]>([
    [
      'of short messages is whole',
      500,
      'short',
      100,
      [
        [7, 32],
        [39, 68],
      ],
      100,
    ],
    ['of long messages ends with one that is too much', 500, 'x'.repeat(100), 100, [[7, 32]], 32],
    [
      'ends with the conversation',
      60,
      'short',
      100,
      [
        [7, 32],
        [39, 68],
      ],
      53,
    ],
    ['that is small is read at once', 500, 'x'.repeat(100), 32, [[7, 32]], 32],
  ])('%s', (_, rows, body, limit, reads, found) => {
    const page = readInParts(readOf(rows, body), { from: 7, limit, mostBytes: 1_000 })
    expect(asked).toEqual(reads)
    expect(page.map(({ seq }) => seq)).toEqual(Array.from({ length: found }, (_each, index) => index + 8))
  })

  it('without a bound is read at once', () => {
    expect(readInParts(readOf(500, 'short'), { from: 0, limit: 400 })).toHaveLength(400)
    expect(asked).toEqual([[0, 400]])
  })
})
