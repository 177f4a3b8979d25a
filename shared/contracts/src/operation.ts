import type { z } from 'zod'
import type { ProblemCode } from './problem.ts'

/**
 * One HTTP operation, said once: services route and check by it, and the OpenAPI document is made from it.
 * `path` uses Express's `:name` for parameters.
 */
export interface Operation {
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: string
  readonly tag: string
  readonly summary: string
  /** What a reader of the API page needs to know beyond the summary. */
  readonly description: string
  /** Whether an access token is needed. */
  readonly authenticated: boolean
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodObject
  /** A body that the operation takes, for the API page. */
  readonly example?: Readonly<Record<string, unknown>>
  /** Success statuses with the schema of their body; `null` for no body. */
  readonly responses: Readonly<Record<number, z.ZodType | null>>
  /** What else it may answer, besides what the door answers with (see `problemsOf`). */
  readonly problems: readonly ProblemCode[]
}

/** Every problem that an operation may answer with: its own, and those that the door answers with. */
export function problemsOf(operation: Operation): readonly ProblemCode[] {
  const { problems, authenticated, params, query, body } = operation
  const door: ProblemCode[] = [
    ...(params || query || body ? (['validation-failed'] as const) : []),
    ...(body ? (['malformed-json', 'payload-too-large', 'unsupported-media-type'] as const) : []),
    ...(authenticated ? (['token-missing', 'token-invalid', 'token-expired'] as const) : []),
    // The database, or the keys that tokens are verified with, cannot be had now.
    'unavailable',
    // Refused before anything else is looked at.
    'headers-too-large',
    'host-not-allowed',
    // Too many requests are under way, or wait for the database.
    'overloaded',
    // Too many of them are of one user, or of one network address.
    'rate-limited',
    'internal',
  ]
  return [...new Set([...door, ...problems])]
}

/** Keeps the literal types of an operation, so that handlers are typed by it. */
export const operation = <const O extends Operation>(definition: O): O => definition
