import { z } from 'zod'
import { limits } from './text.ts'

/**
 * A whole number as a query string has it: digits and nothing else. (`Number` would take an empty value as 0,
 * and `0x10` and `1e3` as numbers, too.)
 */
const wholeNumberInQuery = (least: number, most: number) => {
  const error =
    most === Number.MAX_SAFE_INTEGER
      ? `must be a whole number, ${least} or more`
      : `must be a whole number from ${least} to ${most}`
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value),
    z.number({ error }).int({ error }).min(least, { error }).max(most, { error }),
  )
}

/** A page size in a query string. */
export const limit = (standard: number, most: number = limits.pageSize) =>
  wholeNumberInQuery(1, most)
    .default(standard)
    .meta({
      default: standard,
      description: `Page size, 1 to ${most}. A page ends earlier when it would get large.`,
    })

/** A cursor is opaque: clients hand back what they were given. */
export const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,512}$/, 'must be a cursor that an earlier answer gave')
  .meta({ description: 'Opaque; as an earlier answer gave it.' })

/** A position in a timeline, in a query string or a body. */
export const seq = z
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ examples: [42] })
export const seqInQuery = (least: 0 | 1) => wholeNumberInQuery(least, Number.MAX_SAFE_INTEGER)
