import { z } from 'zod'
import { count } from './count.ts'
import { operation } from './operation.ts'
import { sessionEndReason } from './sessions.ts'

/** A session whose access tokens are refused though they have not expired. Times are milliseconds since the epoch. */
export const endedSession = z.object({
  sessionId: z.uuid(),
  userId: z.uuid(),
  /** Where it is known. */
  reason: sessionEndReason.optional(),
  endedAt: count,
  /** Every session of the user that began before this has ended, too. */
  startedBefore: count.optional(),
  /** None of its access tokens is good after this. */
  tokensUntil: count,
})
export type EndedSession = z.infer<typeof endedSession>

const cursor = z.string().regex(/^\d{1,15}\.[\w-]{0,64}$/)

export const endedSessionsPage = z.object({
  ended: z.array(endedSession),
  /** Where to go on from: at once if there is more, otherwise some time later. */
  next: cursor,
  more: z.boolean(),
})
export type EndedSessionsPage = z.infer<typeof endedSessionsPage>

/**
 * Between services only: auth's own process serves it, and the edge lets nobody in. So it is no operation of the API
 * (`operations.ts`), and nobody has a token for it.
 */
export const listEndedSessions = operation({
  id: 'listEndedSessions',
  method: 'get',
  path: '/internal/ended-sessions',
  tag: 'Internal',
  summary: 'Sessions that ended within the life of an access token',
  description:
    'Oldest first. A service asks when it starts, and then from time to time, since events may pass it by.',
  authenticated: false,
  query: z.strictObject({ after: cursor.optional() }),
  responses: { 200: endedSessionsPage },
  problems: [],
})
