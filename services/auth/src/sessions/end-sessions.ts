import type { SessionEndReason } from '@parley/contracts/sessions.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { Relay } from '@parley/platform/events/relay.ts'
import type { Session, SessionEnded, SessionStore } from './session-store.ts'

/** Ends sessions and tells so, once each; those that have ended already are passed over. */
export type EndSessions = (
  sessions: readonly Pick<Session, 'id' | 'userId'>[],
  reason: SessionEndReason,
) => Promise<void>

/** @param tokenMs how long the access tokens that they have may still be good */
export function createEndSessions({
  sessions,
  relay,
  tokenMs,
}: {
  sessions: SessionStore
  relay: Pick<Relay, 'offer'>
  tokenMs: number
}): EndSessions {
  return async (ending, reason) => {
    const events = ending.map((session) => sessionEnded(session, { reason, tokenMs }))
    const written = await sessions.end(events)
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
