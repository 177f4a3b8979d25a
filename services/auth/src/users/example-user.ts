import { randomUUIDv7 } from 'node:crypto'
import type { EventOf } from '@parley/contracts/events.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { StoredUser } from './user-store.ts'

/** A user and the event of their registration, for tests of stores. */
export function exampleUser(
  differences: Partial<StoredUser> = {},
): [StoredUser, EventOf<'users.user-registered.v1'>] {
  const id = randomUUIDv7()
  const user = {
    id,
    firstName: 'Alice',
    lastName: 'Anders',
    email: `${id}@example.com`,
    passwordHash: 'not a hash',
    createdAt: '2026-01-02T03:04:05.678Z',
    ...differences,
  }
  const { firstName, lastName } = user
  const event = createEvent('users.user-registered.v1', {
    source: 'urn:parley:auth',
    subject: user.id,
    time: user.createdAt,
    data: { user: { id: user.id, firstName, lastName } },
  })
  return [user, event]
}
