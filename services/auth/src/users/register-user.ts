import { randomUUIDv7 } from 'node:crypto'
import type { CreateUserRequest, User } from '@parley/contracts/users.ts'
import { siteOf } from '@parley/platform/http/client-address.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { Relay } from '@parley/platform/events/relay.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { isCommon } from './common-passwords.ts'
import type { Passwords } from './passwords.ts'
import type { UserStore } from './user-store.ts'

/**
 * @param address of the network it comes from; without one it is the operator's own doing
 * @throws ParleyError `email-taken`, `validation-failed` (a common password) or `overloaded`
 */
export type RegisterUser = (request: CreateUserRequest, address?: string) => Promise<User>

export function createRegisterUser({
  users,
  passwords,
  relay,
}: {
  users: UserStore
  passwords: Passwords
  relay: Pick<Relay, 'offer'>
}): RegisterUser {
  return async ({ firstName, lastName, email, password }, address = '') => {
    if (isCommon(password)) {
      const message = 'is one of the passwords that are guessed first'
      throw new ParleyError('validation-failed', { errors: [{ path: 'password', message }] })
    }
    // The store decides; asking first saves the work of a hash that would be thrown away.
    if ((await users.findByEmail(email)) !== undefined) throw new ParleyError('email-taken')
    const passwordHash = await passwords.hash(password, {
      network: siteOf(address),
      account: email,
      known: false,
    })

    const person = { id: randomUUIDv7(), firstName, lastName }
    const user = { ...person, email, createdAt: new Date().toISOString() }
    const event = createEvent('users.user-registered.v1', {
      source: 'urn:parley:auth',
      subject: user.id,
      time: user.createdAt,
      data: { user: person },
    })
    await users.insert({ ...user, passwordHash }, event)
    relay.offer([{ key: event.id, event }])
    return user
  }
}
