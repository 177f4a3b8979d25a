import type { EventOf } from '@parley/contracts/events.ts'

export type SessionEnded = EventOf<'users.session-ended.v1'>

/** Times are milliseconds since the epoch. Nothing in a session is secret. */
export interface Session {
  readonly id: string
  readonly userId: string
  /** Which of its refresh tokens is the newest: the first is 1. */
  readonly generation: number
  /** When that one was issued. Nothing here depends on it; the release before this one does. */
  readonly rotatedAt: number
  readonly expiresAt: number
  readonly endedAt: number | null
  /** From where the newest token was asked for, as `refresh-session` marks it. */
  readonly exchangedBy?: string
  /** The newest generation whose token was handed out again to who had the one before, and in how many in a row. */
  readonly repeated?: Repeated
}

export interface Repeated {
  readonly generation: number
  readonly inARow: number
}

/** What changes when a session moves on. */
export type Advance = Pick<Session, 'rotatedAt' | 'expiresAt' | 'exchangedBy'>

/** A session that has ended. */
export interface PastSession extends Pick<Session, 'id' | 'userId'> {
  readonly endedAt: number
}

export interface SessionStore {
  insert(session: Session): Promise<void>
  find(id: string): Promise<Session | undefined>
  /** The sessions of a user that have neither ended nor expired, a page of them, the longest unused last. */
  findActive(userId: string, now: number, page: { skip: number; limit: number }): Promise<Session[]>
  /**
   * Moves a session from one generation to the next, if it is at that one and has not ended. Resolves to
   * whether it did: of several calls for one generation only one does.
   */
  advance(id: string, from: number, to: Advance): Promise<boolean>
  /** Notes that the token of this generation was handed out again, if that is the newest still. */
  noteRepeated(id: string, repeated: Repeated): Promise<void>
  /**
   * Ends the sessions that the events tell of, each in one write with its event, at the event's time.
   * Resolves to the events that were written: a session that has ended already stays as it is.
   */
  end(events: readonly SessionEnded[]): Promise<SessionEnded[]>
  /** Ends a session of which an event tells that is written elsewhere, so that it is listed among those that ended. */
  endQuietly(id: string, at: number): Promise<void>
  /**
   * The same for all sessions of a user that were refreshed, or began, since a time, and began before another: those
   * whose access tokens may still be good.
   */
  endUsedQuietly(userId: string, used: { since: number; begunBefore: number }, at: number): Promise<void>
  /** The sessions that ended after that one, by time and then by id, the first so many. */
  endedAfter(last: Pick<PastSession, 'endedAt' | 'id'>, limit: number): Promise<PastSession[]>
  /**
   * Ends all sessions and tells nobody: of restored data, in which a session may go on that was ended since. Nothing
   * else may work on it. Resolves to how many there were.
   */
  endAll(at: number): Promise<number>
  /** Forgets the sessions that expired before a time. What they wrote into the outbox stays there. */
  removeExpired(before: number): Promise<void>
}
