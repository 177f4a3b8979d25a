import type { Problem, ProblemCode } from '@parley/contracts/problem.ts'
import { askedWaitMs } from './time/backoff.ts'

/**
 * Why a call failed: a code of the contracts, or one of the client's own.
 * - `unavailable` without a `problem`: nobody answered in time, or not in a way that Parley answers. Whether
 *   the call took effect is not known.
 * - `not-logged-in`: there is no session (any more).
 * - `disconnected`: `disconnect()` was called before the client was live.
 * - `closed`: `close()` was called.
 * - `queue-full`: too many messages wait to be sent (`maxUnsent`). This one was not taken: try it later.
 * - `too-many-listeners`: an event has 1,000 listeners already, so somebody forgets to stop listening.
 */
export type ClientErrorCode =
  | ProblemCode
  | 'not-logged-in'
  | 'disconnected'
  | 'closed'
  | 'queue-full'
  | 'too-many-listeners'

const own = {
  unavailable: 'The server did not answer as expected',
  'not-logged-in': 'There is no session, log in first',
  disconnected: 'The client was disconnected',
  closed: 'The client was closed',
  'queue-full': 'Too many messages wait to be sent',
  'too-many-listeners': 'This event has too many listeners, does each of them stop at the end?',
} as const

/** What every call of the client rejects with, apart from the reason of an aborted `signal`. */
export class ParleyClientError extends Error {
  readonly code: ClientErrorCode
  /** What the server said, if it did. */
  readonly problem: Problem | undefined

  constructor(why: keyof typeof own | Problem, options?: ErrorOptions) {
    super(typeof why === 'string' ? own[why] : (why.detail ?? why.title), options)
    this.name = 'ParleyClientError'
    this.code = typeof why === 'string' ? why : why.code
    this.problem = typeof why === 'string' ? undefined : why
  }
}

/** The error for something that is a problem (RFC 9457) if the server said it, and may be anything. */
export const toClientError = (body: unknown, cause?: unknown): ParleyClientError =>
  new ParleyClientError(isProblem(body) ? body : 'unavailable', { cause })

/** Newer servers may have codes that this client does not know, so only the shape counts. */
const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' &&
  body !== null &&
  'code' in body &&
  typeof body.code === 'string' &&
  'status' in body &&
  typeof body.status === 'number'

/** Whether a newer access token may help. */
export const isTokenProblem = (error: unknown): boolean =>
  error instanceof ParleyClientError && (error.code === 'token-expired' || error.code === 'token-invalid')

/** Whether the same call may succeed later; everything else is refused for good. */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof ParleyClientError)) return false
  if (error.problem === undefined) return error.code === 'unavailable'
  const { status, code } = error.problem
  return status >= 500 || status === 429 || code === 'token-expired'
}

/** How long the server asked to wait, in milliseconds; at most 5 minutes, however much it asked for. */
export const retryAfterMs = (error: unknown): number =>
  error instanceof ParleyClientError ? askedWaitMs((error.problem?.retryAfterSeconds ?? 0) * 1_000) : 0
