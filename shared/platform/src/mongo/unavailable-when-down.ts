import mongoose from 'mongoose'
import { ParleyError } from '../parley-error.ts'

const { MongoNetworkError, MongoServerError, MongoServerSelectionError, MongoNotConnectedError } =
  mongoose.mongo

/** The server goes away or is not the primary any more: the codes that drivers may retry on. */
const passingCodes: ReadonlySet<unknown> = new Set([
  6, 7, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
])

const willPass = (error: unknown): boolean =>
  error instanceof MongoNetworkError ||
  error instanceof MongoServerSelectionError ||
  error instanceof MongoNotConnectedError ||
  // Mongoose's own, for a connection that is not open now.
  (error instanceof mongoose.MongooseError &&
    /initial connection|buffering|disconnected/i.test(error.message)) ||
  (error instanceof MongoServerError && passingCodes.has(error.code))

/**
 * A store whose methods reject with `unavailable` (503, try again) while the database is away. What a method
 * that writes has done until then is not known.
 */
export function unavailableWhenDown<S extends object>(store: S): S {
  const guarded = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member] as const
    const call = member as (...args: unknown[]) => Promise<unknown>
    return [
      name,
      async (...args: unknown[]) => {
        try {
          return await call(...args)
        } catch (error) {
          if (willPass(error)) throw new ParleyError('unavailable', { retryAfterSeconds: 2, cause: error })
          throw error
        }
      },
    ] as const
  })
  // The same members with the same types; entries cannot say so.
  return Object.fromEntries(guarded) as S
}
