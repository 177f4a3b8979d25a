import { setImmediate as letOthersRun } from 'node:timers/promises'
import { foldName } from '@parley/contracts/fold-name.ts'
import { email } from '@parley/contracts/text.ts'
import type { Person, SearchUsersQuery, SearchUsersResponse } from '@parley/contracts/users.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { toPerson } from './find-user.ts'
import { foldedNameOf } from './folded-name.ts'
import { gramsOfQuery, type NameQuery, type Place, placeOf, toNameQuery } from './name-grams.ts'
import type { NamePosition, UserStore } from './user-store.ts'

export type SearchUsers = (query: SearchUsersQuery) => Promise<SearchUsersResponse>

/** A place in the results of a search. */
interface Position {
  readonly place: Place
  readonly name: NamePosition
}

/** How many candidates are looked at in one go. */
const mostAtOnce = 200

const places: readonly Place[] = ['start', 'inside']

/**
 * Pages through the users whose e-mail address a text is, whose names have its words at the beginning of theirs,
 * and who have them inside; in that order. A cursor names the last user of a page, not a number of users, so a
 * registration in between shifts nothing.
 */
export function createSearchUsers({ users }: { users: UserStore }): SearchUsers {
  async function ownerOf(text: string): Promise<Person | undefined> {
    const address = email.safeParse(text)
    const owner = address.success ? await users.findByEmail(address.data) : undefined
    return owner && toPerson(owner)
  }

  async function positionAt(cursor: string, query: NameQuery | undefined): Promise<Position> {
    const user = await users.findById(fromCursor(cursor))
    const place = user && query && placeOf(query, foldedNameOf(user))
    if (user !== undefined && place !== undefined) return { place, name: nameOf(user) }
    throw new ParleyError('validation-failed', {
      errors: [{ path: 'query.cursor', message: 'must be a cursor that an earlier answer gave' }],
    })
  }

  async function* byName(
    query: NameQuery,
    after: Position | undefined,
    wanted: number,
  ): AsyncGenerator<Person> {
    let pageSize = wanted
    for (const place of places.slice(after === undefined ? 0 : places.indexOf(after.place))) {
      const grams = gramsOfQuery(query, place)
      let position = after?.place === place ? after.name : undefined
      let more = grams.length > 0
      while (more) {
        const page = await users.findByGrams({ grams, after: position, limit: pageSize })
        yield* page.filter((person) => placeOf(query, foldedNameOf(person)) === place)
        const last = page.at(-1)
        position = last && nameOf(last)
        more = page.length === pageSize
        if (!more) continue
        // Many may have the grams and not the words ("smith xyz"). A small page must not mean a query for each of
        // them, and in the embedded mode a query holds up everybody else.
        pageSize = Math.max(pageSize, Math.min(2 * pageSize, mostAtOnce))
        await letOthersRun()
      }
    }
  }

  return async ({ search, cursor, limit }) => {
    const query = toNameQuery(foldName(search))
    const owner = await ownerOf(search)
    const isAtOwner = owner !== undefined && cursor === toCursor(owner.id)
    const after = cursor === undefined || isAtOwner ? undefined : await positionAt(cursor, query)

    const found = owner !== undefined && cursor === undefined ? [owner] : []
    for await (const person of query === undefined ? [] : byName(query, after, limit + 1)) {
      if (person.id !== owner?.id) found.push(person)
      if (found.length > limit) break
    }
    const page = found.slice(0, limit)
    const last = found.length > limit ? page.at(-1) : undefined
    return { users: page, nextCursor: last === undefined ? null : toCursor(last.id) }
  }
}

const nameOf = (person: Person): NamePosition => ({ foldedName: foldedNameOf(person), id: person.id })
const toCursor = (id: string): string => Buffer.from(id).toString('base64url')
const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString()
