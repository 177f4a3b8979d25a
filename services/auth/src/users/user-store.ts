import type { EventOf } from '@parley/contracts/events.ts'
import type { Person, User } from '@parley/contracts/users.ts'

export interface StoredUser extends User {
  readonly passwordHash: string
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

/** How many of the first and of the last users are asked for what their hashes cost. */
export const sampledHashes = 50

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
  /** Puts a new hash of the same password in the place of an old one, if that is still there. */
  replacePasswordHash(id: string, old: string, hash: string): Promise<void>
  /** The hashes of some of the first users and of some of the last: what costs there are. */
  samplePasswordHashes(): Promise<string[]>
}
