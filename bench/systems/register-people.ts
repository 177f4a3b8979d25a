import { createUser } from '@parley/contracts/users.ts'
import { login } from '@parley/contracts/sessions.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import pLimit from 'p-limit'
import type { Person } from '../load/protocol.ts'

const atOnce = 8
export const password = 'a password of the bench'
let registered = 0

/** Registers people and logs each of them in, over the API as anybody would. */
export async function registerPeople(url: string, count: number): Promise<Person[]> {
  const limit = pLimit(atOnce)
  const first = registered
  registered += count
  return Promise.all(
    Array.from({ length: count }, (_, index) => limit(() => registerOne(url, emailOf(first + index)))),
  )
}

const emailOf = (index: number): string => `bench-${process.pid}-${index}@example.com`

/** Of those who registered last. */
export const registeredEmails = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => emailOf(registered - count + index))

async function registerOne(url: string, email: string): Promise<Person> {
  const created = await callOperation(url, createUser, {
    body: { firstName: 'Bench', lastName: 'Person', email, password },
  })
  if (created.status !== 201) throw new Error(`registering answered ${created.status}`)
  const loggedIn = await callOperation(url, login, { body: { email, password } })
  const { token, user } = loggedIn.body as { token: string; user: { id: string } }
  return { id: user.id, token }
}
