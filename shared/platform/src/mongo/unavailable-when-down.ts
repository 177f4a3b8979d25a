import mongoose from 'mongoose'
import { guardStore } from '../guard-store.ts'
import { ParleyError } from '../parley-error.ts'

const {
  MongoClientClosedError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} = mongoose.mongo
const { MongooseServerSelectionError } = mongoose.Error
const outages = [
  // These two while a connection is opened anew.
  MongoClientClosedError,
  MongoTopologyClosedError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerSelectionError,
  MongooseServerSelectionError,
]

/** The server goes away or is not the primary any more: the codes that drivers may retry on. */
const passingCodes: ReadonlySet<unknown> = new Set([
  6, 7, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
])

/** Whether an error says that the database is away, and not that something is wrong with what was asked. */
export function isOutage(error: unknown): boolean {
  if (outages.some((kind) => error instanceof kind)) return true
  // A batch that met an outage rejects as if the server had refused it; inside is what really happened.
  return error instanceof MongoServerError && (passingCodes.has(error.code) || isOutage(error.errorResponse))
}

/** The database is so slow that no connection of the pool became free in time: nothing was asked yet. */
const isQueueTimeout = (error: unknown): boolean =>
  // The driver does not export its class.
  error instanceof Error && error.name === 'MongoWaitQueueTimeoutError'

/**
 * A store whose methods reject with `unavailable` (503, try again) while the database is away, and with
 * `overloaded` when too much waits for it. What a method
 * that writes has done until then is not known.
 */
export function unavailableWhenDown<S extends object>(store: S): S {
  return guardStore(store, (error) => {
    if (isOutage(error)) return new ParleyError('unavailable', { retryAfterSeconds: 2, cause: error })
    if (isQueueTimeout(error)) return new ParleyError('overloaded', { retryAfterSeconds: 1, cause: error })
    return error
  })
}
