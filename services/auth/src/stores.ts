import type { Lease } from '@parley/platform/events/lease.ts'
import type { Outbox } from '@parley/platform/events/outbox.ts'
import type { SessionStore } from './sessions/session-store.ts'
import type { UserStore } from './users/user-store.ts'

/** Everything that the auth service keeps, whichever database holds it. */
export interface AuthStores {
  readonly users: UserStore
  readonly sessions: SessionStore
  /** The events that `users` and `sessions` wrote with their changes; its keys are the events' ids. */
  readonly outbox: Outbox
  /** To sweep the outbox, when several processes share it. */
  readonly sweepLease: Lease
  /** Rejects when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
