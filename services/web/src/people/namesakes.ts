import type { Person } from '@parley/contracts/users.ts'
import { fullName } from './person-name.ts'

/** Of these people, the ids of those who have a name that another of them has too. */
export function namesakesOf(people: Iterable<Person>): ReadonlySet<string> {
  const byName = new Map<string, Set<string>>()
  for (const person of people) {
    const name = fullName(person).normalize('NFKC').toLowerCase()
    const ids = byName.get(name) ?? new Set()
    byName.set(name, ids.add(person.id))
  }
  return new Set([...byName.values()].filter((ids) => ids.size > 1).flatMap((ids) => [...ids]))
}

/** What tells namesakes apart: the end of their id, which never changes. */
export const tagOf = (userId: string): string => `#${userId.slice(-4)}`

/** When somebody registered, in milliseconds, if their id says so: one of version 7 begins with a time. */
export const registeredAt = (userId: string): number | undefined =>
  userId[14] === '7' ? Number.parseInt(userId.replace('-', '').slice(0, 12), 16) : undefined
