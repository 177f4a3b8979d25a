import { types } from 'node:util'
import { SecretFileError } from '../secrets/secret-file.ts'
import { OwnError } from '../own-error.ts'
import { wordsFor } from './foreign-words.ts'

/** What the log tells of an error. */
export interface ErrorDescription {
  readonly type: string
  readonly message?: string
  readonly code?: string | number
  /** Of a system call that failed, such as `connect`, and what it was tried on. */
  readonly syscall?: string
  readonly target?: string
  /** Names of the fields that must be unique. */
  readonly fields?: readonly string[]
  /** Where it happened: frames only. */
  readonly stack?: string
  readonly cause?: ErrorDescription
  readonly errors?: readonly ErrorDescription[]
}

const mostCauses = 5
const mostErrors = 5
const mostFrames = 20

/**
 * Tells of an error by a list of what may be told, because drivers put into their errors what they were given:
 * ioredis the password (the arguments of `AUTH`), MongoDB the e-mail address that was there already, SQLite and parsers
 * pieces of texts, and some of them addresses with passwords.
 *
 * Guarantees: a message is told only where it is our own words (`OwnError`); otherwise it is ours for the error's code
 * or class. Of everything else only the class, codes, the system call with host, port or path, and the frames of the
 * stack are told; the same of causes.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!isError(error)) return { type: error === null ? 'null' : typeof error }
  const type = nameOf(error)
  const own = error instanceof OwnError || error instanceof SecretFileError
  const { code, message } = own ? { code: codeOf(error), message: error.message } : wordsFor(error, type)
  const stack = framesOf(error)
  const deeper = depth < mostCauses
  const cause = deeper && isError(error.cause) ? describeError(error.cause, depth + 1) : undefined
  const several = deeper ? errorsWithin(error).slice(0, mostErrors) : []
  const errors = several.map((each) => describeError(each, depth + 1))
  return {
    type,
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
    ...systemCallOf(error),
    ...uniqueFieldsOf(error),
    ...(stack === '' ? {} : { stack }),
    ...(cause === undefined ? {} : { cause }),
    ...(errors.length === 0 ? {} : { errors }),
  }
}

/** The same in one line, for people: what, and by which causes. */
export function errorInWords(error: unknown): string {
  const words = ({ type, message, code, syscall, target, cause, errors = [] }: ErrorDescription): string => {
    const call = [syscall, target].filter((part) => part !== undefined).join(' ')
    const known = [message ?? type, ...(code === undefined ? [] : [`(${code})`]), call].join(' ').trim()
    const reasons = [...errors, ...(cause === undefined ? [] : [cause])].map(words)
    return [known, ...new Set(reasons)].join('; ')
  }
  return words(describeError(error))
}

/** The same with the frames of the stack, for the terminal of an operator. */
export function errorReport(error: unknown): string {
  const { stack } = describeError(error)
  return stack === undefined ? errorInWords(error) : `${errorInWords(error)}\n${stack}`
}

/** Also one of another realm, such as the errors of Node within a test, and the reason of an `AbortSignal`. */
export const isError = (value: unknown): value is Error =>
  types.isNativeError(value) || value instanceof Error

const nameOf = (error: Error): string => {
  // Of the class where nobody gave it a name.
  const name = error.name === 'Error' ? error.constructor.name : error.name
  return /^\w{1,60}$/.test(name) ? name : 'Error'
}

function codeOf(error: Error): string | undefined {
  const { code } = error as Error & { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** Of several that were tried: addresses of a host, or servers of MongoDB. */
function errorsWithin(error: Error): unknown[] {
  const { errors, reason } = error as Error & { errors?: unknown; reason?: { servers?: unknown } }
  if (Array.isArray(errors)) return errors
  if (!(reason?.servers instanceof Map)) return []
  const servers = [...reason.servers.values()] as { error?: unknown }[]
  return servers.flatMap(({ error: of }) => (isError(of) ? [of] : []))
}

/** Without the message, which is the beginning of a stack, and may have lines that look like frames. */
function framesOf({ stack, message }: Error): string {
  if (typeof stack !== 'string') return ''
  const start = message === '' ? -1 : stack.indexOf(message)
  const rest = start < 0 ? stack : stack.slice(start + message.length)
  return rest
    .split('\n')
    .filter((line) => /^ {4}at \S/.test(line))
    .slice(0, mostFrames)
    .join('\n')
}

function systemCallOf(error: Error): Pick<ErrorDescription, 'syscall' | 'target'> {
  const { syscall, address, hostname, port, path } = error as Error & Readonly<Record<string, unknown>>
  if (typeof syscall !== 'string' || !/^\w{1,30}$/.test(syscall)) return {}
  const host = [address, hostname].find((one) => typeof one === 'string' && /^[\w.:-]{1,253}$/.test(one))
  if (typeof host === 'string')
    return { syscall, target: typeof port === 'number' ? `${host}:${port}` : host }
  return typeof path === 'string' ? { syscall, target: path } : { syscall }
}

function uniqueFieldsOf(error: Error): Pick<ErrorDescription, 'fields'> {
  const { keyPattern } = error as Error & { keyPattern?: unknown }
  if (typeof keyPattern !== 'object' || keyPattern === null) return {}
  return { fields: Object.keys(keyPattern).filter((name) => /^[\w.]{1,60}$/.test(name)) }
}
