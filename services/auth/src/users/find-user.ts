import type { Person, User } from '@parley/contracts/users.ts'
import type { StoredUser, UserStore } from './user-store.ts'

/** What users see of themselves. */
export const toUser = ({ id, firstName, lastName, email, createdAt }: StoredUser): User => ({
  id,
  firstName,
  lastName,
  email,
  createdAt,
})

/** What others see of a user. */
export const toPerson = ({ id, firstName, lastName }: Person): Person => ({ id, firstName, lastName })

export interface FindUser {
  /** For the user themselves. */
  user(id: string): Promise<User | undefined>
  /** For everybody else. */
  person(id: string): Promise<Person | undefined>
}

export function createFindUser({ users }: { users: UserStore }): FindUser {
  return {
    async user(id) {
      const found = await users.findById(id)
      return found && toUser(found)
    },
    async person(id) {
      const found = await users.findById(id)
      return found && toPerson(found)
    },
  }
}
