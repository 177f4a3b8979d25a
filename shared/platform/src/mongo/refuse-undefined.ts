import type { Connection } from 'mongoose'
import { OwnError } from '../own-error.ts'

/** Which arguments of a collection's methods are filters. Mongoose's own queries come through here, too. */
const filterFirst = [
  'find',
  'findOne',
  'countDocuments',
  'deleteOne',
  'deleteMany',
  'updateOne',
  'updateMany',
  'replaceOne',
  'findOneAndUpdate',
  'findOneAndReplace',
  'findOneAndDelete',
] as const

type Method = (...args: unknown[]) => unknown
type Methods = Record<string, Method>

/**
 * From now on every collection of a connection throws on a filter with an undefined value. MongoDB takes it for
 * null, which matches what lacks the field: `deleteMany({ userId: undefined })` would delete what is nobody's.
 * Checked at the driver's door, so that neither a query of a model nor a call past it goes around it. Where null is
 * meant, the filter says null.
 */
export function refuseUndefined(connection: Connection): void {
  const guarded = new WeakSet<object>()
  const collectionOf = connection.collection.bind(connection) as (...args: unknown[]) => object
  connection.collection = ((...args: unknown[]) => {
    const collection = collectionOf(...args)
    if (!guarded.has(collection)) guard(collection as unknown as Methods)
    guarded.add(collection)
    return collection
  }) as unknown as Connection['collection']
}

function guard(collection: Methods): void {
  const check = (name: string, filtersOf: (args: readonly unknown[]) => unknown): void => {
    const method = collection[name]!
    collection[name] = function checked(this: unknown, ...args) {
      if (hasUndefined(filtersOf(args))) throw new OwnError(`${name} with an undefined value in its filter`)
      return method.apply(this, args)
    }
  }
  for (const name of filterFirst) check(name, ([filter]) => filter)
  check('distinct', ([, filter]) => filter)
  check('aggregate', ([stages]) => (stages as { $match?: unknown }[]).map(({ $match }) => $match ?? null))
  check('bulkWrite', ([operations]) => (operations as object[]).flatMap(filtersOfOperation))
}

const filtersOfOperation = (operation: object): unknown[] =>
  Object.values(operation).map((what: { filter?: unknown }) => what.filter ?? null)

/** Whether there is one anywhere in a filter; no filter at all is none. */
function hasUndefined(filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some((value) => value === undefined || hasUndefined(value))
  if (typeof filter !== 'object' || filter === null || !isPlain(filter)) return false
  return Object.values(filter).some((value) => value === undefined || hasUndefined(value))
}

/** Dates, ids, binaries and expressions are values. */
const isPlain = (object: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(object)
  return prototype === Object.prototype || prototype === null
}
