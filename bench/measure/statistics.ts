/** What several runs gave: how far to trust the middle is for the reader to see. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export const spreadOf = (values: readonly number[]): Spread => ({
  min: Math.min(...values),
  median: medianOf(values),
  max: Math.max(...values),
})

/** How fast a figure grows, by least squares: its unit per unit of `x`. 0 for fewer than two points. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (of: 'x' | 'y'): number => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [meanX, meanY] = [mean('x'), mean('y')]
  let together = 0
  let alone = 0
  for (const { x, y } of points) {
    together += (x - meanX) * (y - meanY)
    alone += (x - meanX) ** 2
  }
  return alone === 0 ? 0 : together / alone
}
