import type { Person } from '@parley/contracts/users.ts'
import { LRUCache } from 'lru-cache'
import type { PeopleDirectory } from './people-directory.ts'

/** Asks auth for a person, on behalf of the caller whose token it is. */
export type FindPerson = (id: string, token: string) => Promise<Person | undefined>

export interface People {
  /** Takes over what an event says. */
  put(person: Person): Promise<void>
  exists(id: string, token: string): Promise<boolean>
  /** People by their id, which may come several times; one whom nobody knows any more has empty names. */
  findMany(ids: readonly string[], token: string): Promise<Map<string, Person>>
}

/** The directory first; on a miss (an event is still on its way) auth is asked once, and the answer kept. */
export function createPeople({
  directory,
  findPerson,
  cacheSize = 10_000,
}: {
  directory: PeopleDirectory
  findPerson: FindPerson
  cacheSize?: number
}): People {
  const known = new LRUCache<string, Person>({ max: cacheSize })

  async function put(person: Person): Promise<void> {
    await directory.put(person)
    known.set(person.id, person)
  }

  async function findKnown(ids: readonly string[], token: string): Promise<Map<string, Person>> {
    const people = new Map<string, Person>()
    const unknown: string[] = []
    for (const id of ids) {
      const person = known.get(id)
      if (person === undefined) unknown.push(id)
      else people.set(id, person)
    }
    if (unknown.length === 0) return people

    for (const person of await directory.findMany(unknown)) {
      known.set(person.id, person)
      people.set(person.id, person)
    }
    for (const id of unknown.filter((id) => !people.has(id))) {
      const person = await findPerson(id, token)
      if (person === undefined) continue
      await put(person)
      people.set(id, person)
    }
    return people
  }

  return {
    put,
    async exists(id, token) {
      return (await findKnown([id], token)).has(id)
    },
    async findMany(ids, token) {
      const people = await findKnown([...new Set(ids)], token)
      for (const id of ids) if (!people.has(id)) people.set(id, { id, firstName: '', lastName: '' })
      return people
    },
  }
}
