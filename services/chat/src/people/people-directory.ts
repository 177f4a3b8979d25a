import type { Person } from '@parley/contracts/users.ts'

/** What chat knows of people: a copy of auth's, fed by `users.*` events. */
export interface PeopleDirectory {
  /** Stores or replaces a person. */
  put(person: Person): Promise<void>
  /** Those of the people that are known here. */
  findMany(ids: readonly string[]): Promise<Person[]>
}
