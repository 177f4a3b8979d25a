import { foldName } from '@parley/contracts/fold-name.ts'
import { skeleton } from '@parley/contracts/skeleton.ts'
import type { Person } from '@parley/contracts/users.ts'
import { dateLabel } from '../conversation/days.ts'
import { fullName } from './person-name.ts'

/** Persons are asked for their names again with each message that comes. */
const keptKeys = new WeakMap<Person, readonly string[]>()

/** Whoever has one of them in common looks like another one. */
function keysOf(person: Person): readonly string[] {
  const name = fullName(person)
  const keys = keptKeys.get(person) ?? [foldName(name), skeleton(name)].filter((key) => key !== '')
  keptKeys.set(person, keys)
  return keys
}

/**
 * Of these people, those who could be taken for another of them by their names: the same in another way of writing, or
 * with letters that look the same. By id, with the first one whom they could be taken for.
 */
export function lookAlikesOf(people: Iterable<Person>): ReadonlyMap<string, Person> {
  const byKey = new Map<string, Map<string, Person>>()
  for (const person of people) {
    for (const key of keysOf(person)) {
      const sharers = byKey.get(key) ?? new Map<string, Person>()
      if (!sharers.has(person.id)) byKey.set(key, sharers.set(person.id, person))
    }
  }
  const likes = new Map<string, Person>()
  for (const sharers of byKey.values()) {
    for (const id of sharers.keys()) {
      const other = [...sharers.values()].find((one) => one.id !== id)
      if (other !== undefined && !likes.has(id)) likes.set(id, other)
    }
  }
  return likes
}

/** What tells people apart whose names look the same: the end of their id, which never changes. */
export const tagOf = (userId: string): string => `#${userId.slice(-4)}`

/** When somebody registered, in milliseconds, if their id says so: one of version 7 begins with a time. */
export const registeredAt = (userId: string): number | undefined =>
  userId[14] === '7' ? Number.parseInt(userId.replace('-', '').slice(0, 12), 16) : undefined

/** Since when somebody is here, as far as their id says so: whoever copies a name comes later. */
export function joinedText(userId: string): string | undefined {
  const at = registeredAt(userId)
  return at === undefined ? undefined : `joined ${dateLabel(at)}`
}

/** How to tell somebody from those whose names look the same. */
export const distinction = (userId: string): string =>
  [tagOf(userId), joinedText(userId)].filter((part) => part !== undefined).join(' · ')

/** The name of somebody, with what tells them from those who look the same. */
export const distinctName = (person: Person, likes: ReadonlyMap<string, Person>): string =>
  likes.has(person.id) ? `${fullName(person)} ${tagOf(person.id)}` : fullName(person)

/** Whom somebody could be taken for, in words that begin a line. */
export const likeWhom = (other: Person, me: string): string =>
  other.id === me ? 'Looks like your own name' : `Looks like another ${fullName(other)}`
