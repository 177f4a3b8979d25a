import type { SessionEndReason } from '@parley/contracts/sessions.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { Relay } from '@parley/platform/events/relay.ts'
import type { Session, SessionStore } from './session-store.ts'

/** Ends sessions and tells so, once each; those that have ended already are passed over. */
export type EndSessions = (
  sessions: readonly Pick<Session, 'id' | 'userId'>[],
  reason: SessionEndReason,
) => Promise<void>

export function createEndSessions({
  sessions,
  relay,
}: {
  sessions: SessionStore
  relay: Pick<Relay, 'offer'>
}): EndSessions {
  return async (ending, reason) => {
    const events = ending.map(({ id, userId }) =>
      createEvent('users.session-ended.v1', {
        source: 'urn:parley:auth',
        subject: id,
        data: { sessionId: id, userId, reason },
      }),
    )
    const written = await sessions.end(events)
    relay.offer(written.map((event) => ({ key: event.id, event })))
  }
}
