import { BlockList, isIP } from 'node:net'
import { openSqliteAuthStores } from '@parley/auth/stores.sqlite.ts'
import { createPasswords } from '@parley/auth/users/passwords.ts'
import { OwnError } from '@parley/platform/own-error.ts'
import type { DataFolder } from '../data-folder.ts'
import { demoEmails, demoPassword } from './demo-people.ts'

/** Others could log in as the demo users, whose password is in the repository. */
export class PublicDemoError extends OwnError {}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether nobody but this machine reaches what listens on an address. */
export function isOnlyHere(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  const version = isIP(address)
  return version === 0
    ? address.toLowerCase() === 'localhost'
    : loopback.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Refuses a start that would let others in as demo users: in a new folder that gets some, and in one that has some.
 * @throws PublicDemoError
 */
export async function refusePublicDemo({
  host,
  demo,
  data,
}: {
  host: string
  demo: boolean
  data: DataFolder
}): Promise<void> {
  if (isOnlyHere(host)) return
  const found = data.holdsData() ? await findOpenAccounts(data.file('auth.sqlite')) : undefined
  const [email] = found ?? (demo ? demoEmails : [])
  if (email === undefined) return
  const remedy = found === undefined ? '--no-demo' : 'another folder with --data <folder> --no-demo'
  throw new PublicDemoError(
    `--host ${host} lets others connect, and anybody could log in as ${email}, with the password that is in this ` +
      `repository: choose ${remedy}, or --public-demo if you mean that`,
  )
}

/** Demo people of an earlier run. Somebody with such an address and another password is none. */
async function findOpenAccounts(file: string): Promise<string[]> {
  const stores = openSqliteAuthStores(file)
  try {
    const passwords = createPasswords({ cost: 4, concurrency: 1 })
    const asker = { network: '', account: '', known: true }
    const open: string[] = []
    for (const email of demoEmails) {
      const user = await stores.users.findByEmail(email)
      if (user !== undefined && (await passwords.matches(demoPassword, user.passwordHash, asker)))
        open.push(email)
    }
    return open
  } finally {
    await stores.close()
  }
}
