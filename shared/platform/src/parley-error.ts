import { type FieldError, type Problem, type ProblemCode, problems } from '@parley/contracts/problem.ts'
import type { z } from 'zod'
import { explainIssue } from './explain-issue.ts'
import { OwnError } from './own-error.ts'

interface Details {
  /** A sentence for the developer who reads the answer; never holds secrets or internals. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** Of the service that failed, when this error came from one: its logs know more. */
  readonly correlationId?: string
  /** For the logs only. */
  readonly cause?: unknown
  /** Whoever threw this has put it into the log, once for all: a line for each request would only repeat it. */
  readonly logged?: boolean
}

/** An error that callers are told about. Everything else that is thrown is answered as `internal`. */
export class ParleyError extends OwnError {
  readonly code: ProblemCode
  readonly details: Details

  constructor(code: ProblemCode, details: Details = {}) {
    super(details.detail ?? problems[code].title, { cause: details.cause })
    this.name = 'ParleyError'
    this.code = code
    this.details = details
  }
}

/** The problem (RFC 9457) that an error is answered with. An unknown error says nothing about itself. */
export function toProblem(error: unknown, correlationId: string): Problem {
  const { code, details } = error instanceof ParleyError ? error : new ParleyError('internal')
  return {
    type: `urn:parley:problem:${code}`,
    ...problems[code],
    code,
    correlationId: details.correlationId ?? correlationId,
    ...(details.detail === undefined ? {} : { detail: details.detail }),
    ...(details.errors === undefined ? {} : { errors: [...details.errors] }),
    ...(details.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: details.retryAfterSeconds }),
  }
}

/**
 * Whether an error is our fault, and so belongs into the log as an error. Not `overloaded`, which is said on
 * purpose, and in a flood often: a line for each would be one more thing that has no bound; nor what is in the log.
 */
export const isOurFault = (error: unknown): boolean =>
  !(error instanceof ParleyError) ||
  (problems[error.code].status >= 500 && error.code !== 'overloaded' && error.details.logged !== true)

/**
 * Checks what came from outside. Throws `validation-failed` with one line per fault.
 * @param within prefix of the paths in the errors, such as `query`
 */
export function parseOrThrow<S extends z.ZodType>(schema: S, value: unknown, within?: string): z.output<S> {
  const result = schema.safeParse(value, { error: explainIssue })
  if (result.success) return result.data
  throw new ParleyError('validation-failed', {
    errors: result.error.issues.map((issue) => ({
      path: [...(within === undefined ? [] : [within]), ...issue.path.map(String)].join('.'),
      message: issue.message,
    })),
  })
}
