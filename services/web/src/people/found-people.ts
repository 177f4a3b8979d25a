import type { Person, SearchUsersResponse } from '@parley/contracts/users.ts'
import { matchesName } from './matches-name.ts'

/** What a search found, and what for. */
export interface FoundPeople {
  readonly text: string
  readonly people: readonly Person[]
  /** Of the next page; null: there is none. */
  readonly nextCursor: string | null
}

export const nobodyFound: FoundPeople = { text: '', people: [], nextCursor: null }

/** A page more of the same search; somebody who is on both pages stays where they are. */
export function withPage(found: FoundPeople, { users, nextCursor }: SearchUsersResponse): FoundPeople {
  const known = new Set(found.people.map(({ id }) => id))
  return { ...found, people: [...found.people, ...users.filter(({ id }) => !known.has(id))], nextCursor }
}

/**
 * Whom to offer for what stands in the field now. Of what an earlier text found, only those who fit this one:
 * what is offered, and what Enter takes, always belongs to what is written.
 */
export const foundFor = ({ text, people }: FoundPeople, wanted: string): readonly Person[] =>
  text === wanted ? people : people.filter((person) => matchesName(person, wanted))
