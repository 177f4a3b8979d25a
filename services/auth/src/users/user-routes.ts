import { createUser, getMe, getUser, searchUsers } from '@parley/contracts/users.ts'
import type { Routes } from '@parley/platform/http/routes.ts'
import { networkOf } from '@parley/platform/http/client-address.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { AuthLimits } from '../limits/auth-limits.ts'
import type { FindUser } from './find-user.ts'
import type { Registration } from './registration.ts'
import type { RegisterUser } from './register-user.ts'
import type { SearchUsers } from './search-users.ts'

export function addUserRoutes(
  routes: Routes,
  {
    registerUser,
    findUser,
    search,
    limits,
    registration,
    security,
  }: {
    registerUser: RegisterUser
    findUser: FindUser
    search: SearchUsers
    limits: AuthLimits
    registration: Registration
    security: SecurityLog
  },
): void {
  function admit(invite: string | undefined, address: string): void {
    try {
      registration.require(invite)
    } catch (error) {
      const reason = invite === undefined ? 'no-invite' : 'wrong-invite'
      security.note('registration-refused', { network: networkOf(address), reason })
      throw error
    }
  }

  routes.add(createUser, async ({ body, address }) => {
    await limits.countRegistration(address)
    admit(body.invite, address)
    return { status: 201, body: { user: await registerUser(body, address) } }
  })

  // Before `/users/:id`, which would take `me` for an id.
  routes.add(getMe, async ({ caller }) => {
    const user = await findUser.user(caller.userId)
    if (user === undefined) throw new ParleyError('user-not-found')
    return { status: 200, body: { user } }
  })

  routes.add(getUser, async ({ params }) => {
    const user = await findUser.person(params.id)
    if (user === undefined) throw new ParleyError('user-not-found')
    return { status: 200, body: { user } }
  })

  routes.add(searchUsers, async ({ query, caller }) => {
    await limits.countSearch(caller.userId)
    return { status: 200, body: await search(query) }
  })
}
