import type { SearchUsersQuery, SearchUsersResponse } from '@parley/contracts/users.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { fullNameKey, nameKey } from './name-key.ts'
import type { SearchPosition, UserStore } from './user-store.ts'

export type SearchUsers = (query: SearchUsersQuery) => Promise<SearchUsersResponse>

/**
 * Pages through the users whose first, last or full name begins with a text, or whose e-mail address it is.
 * A cursor names the last user of a page, not a number of users, so a registration in between shifts nothing.
 */
export function createSearchUsers({ users }: { users: UserStore }): SearchUsers {
  async function positionOf(cursor: string): Promise<SearchPosition> {
    const user = await users.findById(fromCursor(cursor))
    if (user !== undefined) return { fullNameKey: fullNameKey(user), id: user.id }
    throw new ParleyError('validation-failed', {
      errors: [{ path: 'query.cursor', message: 'must be a cursor that an earlier answer gave' }],
    })
  }

  return async ({ search, cursor, limit }) => {
    const after = cursor === undefined ? undefined : await positionOf(cursor)
    const found = await users.search({ text: nameKey(search), after, limit: limit + 1 })
    const page = found.slice(0, limit)
    const last = found.length > limit ? page.at(-1) : undefined
    return { users: page, nextCursor: last === undefined ? null : toCursor(last.id) }
  }
}

const toCursor = (id: string): string => Buffer.from(id).toString('base64url')
const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString()
