import { getUser } from '@parley/contracts/users.ts'
import type { ServiceClient } from '@parley/platform/http/service-client.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { FindPerson } from './people.ts'

/** Asks the auth service over HTTP. */
export const createHttpFindPerson =
  (auth: ServiceClient): FindPerson =>
  async (id, token) => {
    try {
      return (await auth.call(getUser, { params: { id } }, token)).user
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'user-not-found') return undefined
      throw error
    }
  }
