import mongoose from 'mongoose'

const { MongoServerError } = mongoose.mongo
const DUPLICATE_KEY = 11_000

/**
 * Whether a write was refused because another document has what must be unique.
 * @param field of the unique index; without one, any index counts
 */
export const isDuplicateKey = (error: unknown, field?: string): boolean =>
  error instanceof MongoServerError &&
  error.code === DUPLICATE_KEY &&
  (field === undefined || Object.hasOwn(Object(error['keyPattern']), field))
