import type { EventOf } from '@parley/contracts/events.ts'
import type { Person, User } from '@parley/contracts/users.ts'

export interface StoredUser extends User {
  readonly passwordHash: string
}

/** A place in the order of search results. */
export interface SearchPosition {
  readonly fullNameKey: string
  readonly id: string
}

export interface UserSearch {
  /** As `nameKey` makes it: the beginning of a last or full name, or a whole e-mail address. */
  readonly text: string
  readonly after: SearchPosition | undefined
  readonly limit: number
}

export interface UserStore {
  /**
   * Stores a user and, in the same write, the event that tells of it: both are there afterwards, or neither.
   * @throws ParleyError `email-taken`, however many try at once
   */
  insert(user: StoredUser, event: EventOf<'users.user-registered.v1'>): Promise<void>
  findById(id: string): Promise<StoredUser | undefined>
  /** @param email normalised, as the contract does it */
  findByEmail(email: string): Promise<StoredUser | undefined>
  /** Each match once, ordered by the key of the full name (by its UTF-8 bytes), then by id. */
  search(search: UserSearch): Promise<Person[]>
  isEmpty(): Promise<boolean>
}
