import { z } from 'zod'
import { limits } from './text.ts'

/** A page size in a query string. */
export const limit = (standard: number, most: number = limits.pageSize) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(standard)
    .meta({ description: `Page size, 1 to ${most}. A page ends earlier when it would get large.` })

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
export const seqInQuery = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
