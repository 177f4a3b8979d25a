import type { Auth } from '@parley/auth/app.ts'

export interface DemoUsers {
  readonly created: boolean
  readonly emails: readonly string[]
  readonly password: string
}

const password = 'parley-demo'
const people = [
  { firstName: 'Alice', lastName: 'Adams', email: 'alice@example.com' },
  { firstName: 'Bob', lastName: 'Brown', email: 'bob@example.com' },
]

/** Two people to try the chat with. Their password is on the screen, so they belong in new, local data only. */
export async function createDemoUsers({ auth, wanted }: { auth: Auth; wanted: boolean }): Promise<DemoUsers> {
  if (wanted) await Promise.all(people.map((person) => auth.registerUser({ ...person, password })))
  return { created: wanted, emails: people.map(({ email }) => email), password }
}
