import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

/** Microseconds, up to ten minutes, to three digits. */
export const createHistogram = (): Histogram =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  })

export const record = (histogram: Histogram, milliseconds: number): void =>
  histogram.recordValue(Math.min(600_000_000, Math.max(1, Math.round(milliseconds * 1_000))))

export const encode = (histogram: Histogram): string => encodeIntoCompressedBase64(histogram)

/** What several processes saw, as one. */
export function merge(encoded: readonly string[]): Histogram {
  const all = createHistogram()
  for (const one of encoded) all.add(decodeFromCompressedBase64(one))
  return all
}

/** In milliseconds; not a number where nothing was recorded. */
export const percentile = (histogram: Histogram, percent: number): number =>
  histogram.totalCount === 0 ? Number.NaN : histogram.getValueAtPercentile(percent) / 1_000
