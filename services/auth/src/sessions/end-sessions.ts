import type { SessionEndReason } from '@parley/contracts/sessions.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { Relay } from '@parley/platform/events/relay.ts'
import type { EndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { toEndedSession } from '@parley/platform/tokens/follow-ended-sessions.ts'
import type { Session, SessionEnded, SessionStore } from './session-store.ts'

/**
 * Ends sessions and tells so, once each; those that have ended already are passed over. This process refuses their
 * access tokens once it resolves; others do as soon as they hear of it.
 */
export type EndSessions = (
  sessions: readonly Pick<Session, 'id' | 'userId'>[],
  reason: SessionEndReason,
) => Promise<void>

/** @param tokenMs how long the access tokens that they have may still be good */
export function createEndSessions({
  sessions,
  relay,
  ended,
  tokenMs,
}: {
  sessions: SessionStore
  relay: Pick<Relay, 'offer'>
  ended: Pick<EndedSessions, 'add'>
  /** How long an access token lives. */
  tokenMs: number
}): EndSessions {
  return async (ending, reason) => {
    const events = ending.map((session) => sessionEnded(session, { reason, tokenMs }))
    const written = await sessions.end(events)
    for (const event of written) ended.add(toEndedSession(event))
    relay.offer(written.map((event) => ({ key: event.id, event })))
  }
}

/** @param startedBefore with it, all sessions of the user that began before have ended too */
export function sessionEnded(
  { id, userId }: Pick<Session, 'id' | 'userId'>,
  { reason, tokenMs, startedBefore }: { reason: SessionEndReason; tokenMs: number; startedBefore?: number },
): SessionEnded {
  return createEvent('users.session-ended.v1', {
    source: 'urn:parley:auth',
    subject: id,
    data: {
      sessionId: id,
      userId,
      reason,
      tokensUntil: new Date(Date.now() + tokenMs).toISOString(),
      ...(startedBefore !== undefined && { startedBefore: new Date(startedBefore).toISOString() }),
    },
  })
}
