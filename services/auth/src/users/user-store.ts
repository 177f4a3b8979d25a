import type { EventOf } from '@parley/contracts/events.ts'
import type { Person, User } from '@parley/contracts/users.ts'

export interface StoredUser extends User {
  readonly passwordHash: string
  /** Sessions that began before this have ended: milliseconds since the epoch. */
  readonly sessionsEndedBefore?: number
}

/** A place in the order of names. */
export interface NamePosition {
  readonly foldedName: string
  readonly id: string
}

export interface NameSearch {
  /** As `gramsOfQuery` makes them; at least one. */
  readonly grams: readonly string[]
  readonly after: NamePosition | undefined
  readonly limit: number
}

export const startedBefore = ({ data }: SessionsEnded): number => Date.parse(data.startedBefore ?? '') || 0

/** How many of the first and of the last users are asked for what their hashes cost. */
export const sampledHashes = 25

/** That the sessions of a user that began before `startedBefore` have ended. */
export type SessionsEnded = EventOf<'users.session-ended.v1'>

export interface UserStore {
  /**
   * Stores a user and, in the same write, the event that tells of it: both are there afterwards, or neither.
   * @throws ParleyError `email-taken`, however many try at once
   */
  insert(user: StoredUser, event: EventOf<'users.user-registered.v1'>): Promise<void>
  findById(id: string): Promise<StoredUser | undefined>
  /** @param email normalised, as the contract does it */
  findByEmail(email: string): Promise<StoredUser | undefined>
  /** Those whose names have all of the grams, ordered by their folded names (by UTF-8 bytes), then by id. */
  findByGrams(search: NameSearch): Promise<Person[]>
  isEmpty(): Promise<boolean>
  /**
   * Ends all sessions of a user that began before the event's `startedBefore`, in one write with the event. The mark
   * only moves forward.
   */
  endSessions(id: string, event: SessionsEnded): Promise<void>
  /** Puts a new hash of the same password in the place of an old one, if that is still there. */
  replacePasswordHash(id: string, old: string, hash: string): Promise<void>
  /** The hashes of some of the first users and of some of the last: what costs there are. */
  samplePasswordHashes(): Promise<string[]>
}
