import { getSystemErrorMap } from 'node:util'

/** What we say for others, whose own messages may hold what people wrote, and passwords. */
export interface ForeignWords {
  readonly code: string | number
  readonly message?: string | undefined
}

/** Of Node, such as `ECONNREFUSED`. */
const system = new Map(getSystemErrorMap().values())

/** Of Redis, which begins its answers with them. */
const redis = {
  BUSY: 'a script runs for too long',
  CLUSTERDOWN: 'the cluster is down',
  ERR: 'Redis refused a command',
  EXECABORT: 'Redis refused a transaction',
  LOADING: 'Redis is reading its data',
  MASTERDOWN: 'the master is away',
  MISCONF: 'Redis cannot write to its disk',
  NOAUTH: 'Redis wants a password',
  NOPERM: 'the Redis user may not do this',
  NOREPLICAS: 'too few replicas',
  NOSCRIPT: 'Redis does not know a script',
  OOM: 'Redis has no memory left',
  READONLY: 'this Redis is no master',
  UNBLOCKED: 'this Redis is no master any more',
  WRONGPASS: 'Redis does not take this user and password',
  WRONGTYPE: 'a key of Redis holds another type',
} as const

/** Of AMQP 0-9-1 (reply codes). */
const amqp = {
  'CONNECTION-FORCED': 'the broker was told to close the connection',
  'ACCESS-REFUSED': 'the broker does not take this user and password, or the user may not do this',
  'NOT-FOUND': 'the broker has no such queue or exchange',
  'RESOURCE-LOCKED': 'somebody else has the queue for himself',
  'PRECONDITION-FAILED': 'what is declared is other than what is there',
  'FRAME-ERROR': 'the broker did not understand',
  'CHANNEL-ERROR': 'the broker did not understand',
  'RESOURCE-ERROR': 'the broker has no room left',
  'NOT-ALLOWED': 'the broker does not allow this',
  'INTERNAL-ERROR': 'something went wrong in the broker',
} as const

/** Of MongoDB. */
const mongo: Readonly<Record<number, string>> = {
  13: 'the MongoDB user may not do this',
  18: 'MongoDB does not take this user and password',
  26: 'there is no such collection',
  50: 'MongoDB took too long',
  85: 'an index is there with other options',
  86: 'another index has this name',
  121: 'the document is not as the schema says',
  11000: 'another document has what must be unique',
}

/** By class, for what has no code. */
const byName: Readonly<Record<string, string>> = {
  AbortError: 'it was given up',
  BSONError: 'it cannot be written as BSON',
  CastError: 'a value has another type than the schema says',
  IllegalOperationError: 'the channel is closed',
  MaxRetriesPerRequestError: 'Redis did not answer, and the connection was lost',
  MongoNetworkError: 'the connection to MongoDB was lost, or there was none',
  MongoNetworkTimeoutError: 'MongoDB did not answer in time',
  MongoParseError: 'the address of MongoDB is not well formed',
  MongoServerSelectionError: 'no server of MongoDB answers',
  MongooseServerSelectionError: 'no server of MongoDB answers',
  MongoWaitQueueTimeoutError: 'no connection to MongoDB became free in time',
  RangeError: 'a value is out of its range',
  SyntaxError: 'a text cannot be parsed',
  TimeoutError: 'it took too long',
  ValidationError: 'a document is not as the schema says',
  ZodError: 'a value is not as the schema says',
}

/** In a message, and nowhere else, some servers say which of their codes it is. */
const wordsIn = (message: string): ForeignWords | undefined => {
  const [, first = '', reply = ''] = /^([A-Z]+)\b|\(([A-Z-]+)\) with message/.exec(message) ?? []
  if (Object.hasOwn(redis, first)) return { code: first, message: redis[first as keyof typeof redis] }
  if (Object.hasOwn(amqp, reply)) return { code: reply, message: amqp[reply as keyof typeof amqp] }
  return undefined
}

/** What is known of an error that is not ours, by its code and its class. Nothing of it is repeated but these. */
export function wordsFor(error: Error, name: string): Partial<ForeignWords> {
  const { code, errcode, errstr } = error as Error & { code?: unknown; errcode?: unknown; errstr?: unknown }
  // SQLite's own words for its codes, not for what happened: its message may name values.
  if (typeof errcode === 'number' && code === 'ERR_SQLITE_ERROR') {
    return { code: errcode, message: typeof errstr === 'string' ? `SQLite: ${errstr}` : undefined }
  }
  const said = wordsIn(error.message)
  if (said !== undefined) return said
  if (typeof code === 'number')
    return { code, message: name.startsWith('Mongo') ? mongo[code] : byName[name] }
  if (typeof code === 'string' && /^[A-Z][\dA-Z_]{2,50}$/.test(code)) {
    return { code, message: system.get(code) ?? byName[name] }
  }
  return { message: byName[name] }
}
