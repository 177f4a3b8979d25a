import { z } from 'zod'
import { count } from './count.ts'

/** Every error that Parley answers with: its HTTP status and its title (RFC 9457). */
export const problems = {
  'validation-failed': { status: 400, title: 'The request is not as the contract asks' },
  'malformed-json': { status: 400, title: 'The body is not acceptable JSON' },
  'transport-not-supported': { status: 400, title: 'Sockets are websockets here, and nothing else' },
  'protocol-not-supported': { status: 400, title: 'This version of the protocol is not spoken here' },
  'parser-not-supported': { status: 400, title: 'Only the standard parser of Socket.IO is spoken here' },
  'receipt-beyond-head': { status: 400, title: 'A receipt cannot pass the newest entry' },
  'token-missing': { status: 401, title: 'An access token is needed' },
  'token-invalid': { status: 401, title: 'The access token is not valid' },
  'token-expired': { status: 401, title: 'The access token has expired' },
  'refresh-token-invalid': { status: 401, title: 'The refresh token is not valid, log in again' },
  'sender-mismatch': { status: 403, title: 'The sender must be the caller' },
  'not-a-participant': { status: 403, title: 'Only the participants may read a conversation' },
  // Not 507: that would say that the server has no room, and clients try again what failed on its side.
  'storage-used-up': { status: 403, title: 'All that this account may store is used up' },
  'registration-closed': { status: 403, title: 'New accounts are not open to everybody here' },
  'origin-not-allowed': { status: 403, title: 'This origin is not on the allow-list' },
  'invalid-credentials': { status: 404, title: 'E-mail address or password is wrong' },
  'user-not-found': { status: 404, title: 'There is no such user' },
  'conversation-not-found': { status: 404, title: 'There is no such conversation among yours' },
  'message-not-found': { status: 404, title: 'There is no such message in this conversation' },
  'namespace-not-found': { status: 404, title: 'There is only the main namespace' },
  'route-not-found': { status: 404, title: 'There is nothing at this address' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  'request-timeout': { status: 408, title: 'The request did not come in time' },
  'email-taken': { status: 409, title: 'This e-mail address already has an account' },
  'client-id-reused': { status: 409, title: 'This clientId was used for another message' },
  'payload-too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json' },
  'expectation-failed': { status: 417, title: 'Only 100-continue can be expected here' },
  'host-not-allowed': { status: 421, title: 'This server is not called so' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  // Bytes an hour are a rate (RFC 6585): it passes by itself. 507 would say that the server has no room.
  'quota-used-up': { status: 429, title: 'Too much was stored for now' },
  'headers-too-large': { status: 431, title: 'The address or the headers of the request are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  overloaded: { status: 503, title: 'Too much is waiting, try again shortly' },
  unavailable: { status: 503, title: 'Not available right now, try again shortly' },
} as const

export type ProblemCode = keyof typeof problems

export const problemCode = z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]])

/** Where in the request a fault is (`messageDetails.text`) and what it is. */
export const fieldError = z
  .object({ path: z.string(), message: z.string() })
  .meta({ id: 'FieldError', examples: [{ path: 'messageDetails.text', message: 'must not be blank' }] })
export type FieldError = z.infer<typeof fieldError>

/** RFC 9457 problem details, as `application/problem+json` and inside socket acks. */
export const problem = z
  .object({
    type: z.string().meta({ examples: ['urn:parley:problem:validation-failed'] }),
    title: z.string(),
    status: z.number().int().min(400).max(599),
    code: problemCode,
    detail: z.string().optional(),
    correlationId: z.string().meta({ description: 'Finds this request in the logs.' }),
    errors: z.array(fieldError).optional(),
    retryAfterSeconds: count.optional().meta({ description: 'As in the Retry-After header.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })
export type Problem = z.infer<typeof problem>
