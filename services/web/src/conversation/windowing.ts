/**
 * Where each row begins, and at the end how high all rows are, in pixels.
 * @param heightOf a row's height; what has not been measured is estimated
 */
export function layOut<R>(rows: readonly R[], heightOf: (row: R) => number): Float64Array {
  const offsets = new Float64Array(rows.length + 1)
  rows.forEach((row, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + heightOf(row)
  })
  return offsets
}

/** The index of the row that `y` lies in; the first or the last one for what lies outside. */
export function rowAt(offsets: Float64Array, y: number): number {
  let low = 0
  let high = Math.max(0, offsets.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((offsets[middle] ?? 0) <= y) low = middle
    else high = middle - 1
  }
  return low
}

/** The rows from `start` to before `end` that lie between two heights, partly or whole. */
export function rowsBetween(
  offsets: Float64Array,
  top: number,
  bottom: number,
): { start: number; end: number } {
  if (offsets.length < 2) return { start: 0, end: 0 }
  return { start: rowAt(offsets, top), end: rowAt(offsets, bottom) + 1 }
}

export const totalOf = (offsets: Float64Array): number => offsets.at(-1) ?? 0

/**
 * The index of the last row of which the end lies between two heights; -1 when there is none, as when one row
 * is taller than what lies between.
 */
export function lastEndBetween(offsets: Float64Array, top: number, bottom: number): number {
  // Half a pixel, since heights are rounded here and there.
  const rows = offsets.length - 1
  let index = rowAt(offsets, bottom + 0.5)
  if ((offsets[index + 1] ?? Infinity) > bottom + 0.5) index -= 1
  return index < rows && index >= 0 && (offsets[index + 1] ?? 0) > top ? index : -1
}
