import type {
  getMe,
  getUser,
  Person,
  searchUsers,
  SearchUsersResponse,
  User,
} from '@parley/contracts/users.ts'
import type { Call } from '../http/call.ts'

/** People, as the server has them now. Each call asks once. */
export interface Users {
  /** The user who is logged in. */
  me(): Promise<User>
  find(id: string): Promise<Person>
  /** People by the words of their names, in any order, or by a whole e-mail address. `nextCursor`: there are more. */
  search(
    text: string,
    page?: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ): Promise<SearchUsersResponse>
}

export function createUsers(call: Call): Users {
  return {
    async me() {
      const { user } = await call<typeof getMe>('get', '/users/me', {})
      return user
    },
    async find(id) {
      const { user } = await call<typeof getUser>('get', '/users/:id', { params: { id } })
      return user
    },
    search: (text, page = {}) =>
      call<typeof searchUsers>('get', '/users', { query: { ...page, search: text } }),
  }
}
