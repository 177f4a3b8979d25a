import type { Auth } from '@parley/auth/app.ts'
import type { AuthStores } from '@parley/auth/stores.ts'
import type { User } from '@parley/contracts/users.ts'

/** Their password is on the screen, so they belong in new, local data only. */
export const demoPassword = 'parley-demo'

const people = {
  alice: { firstName: 'Alice', lastName: 'Adams', email: 'alice@example.com' },
  bob: { firstName: 'Bob', lastName: 'Brown', email: 'bob@example.com' },
  noor: { firstName: 'Noor', lastName: 'Haddad', email: 'noor@example.com' },
  yuki: { firstName: 'Yuki', lastName: 'Tanaka', email: 'yuki@example.com' },
} as const

export type DemoName = keyof typeof people
export const demoEmails: readonly string[] = Object.values(people).map(({ email }) => email)

/** People to try the chat with. */
export async function createDemoPeople(auth: Auth): Promise<Readonly<Record<DemoName, User>>> {
  const entries = Object.entries(people).map(async ([name, person]) => {
    return [name, await auth.registerUser({ ...person, password: demoPassword })] as const
  })
  return Object.fromEntries(await Promise.all(entries)) as Record<DemoName, User>
}

/** Those of an earlier run. */
export async function findDemoEmails({ users }: AuthStores): Promise<readonly string[]> {
  const found = await Promise.all(demoEmails.map((email) => users.findByEmail(email)))
  return found.flatMap((user) => user?.email ?? [])
}
