import type { ParleyClientOptions } from '@parley/client/options.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import { alice, createProtocolServer, type ProtocolServer } from '@parley/client/testing/protocol-server.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { openTabs } from '../testing/open-tabs.ts'
import { createSessionVault, createSharedClient, createTurnsOfTabs, sessionKey } from './shared-client.ts'

let server: ProtocolServer
let clients: ParleyClient[]

beforeEach(async () => {
  server = await createProtocolServer()
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.close()
  await server.stop()
})

/** Alice, logged in with one tab and gone on with in the others. */
async function openAlice(count: number, mostMs = 5_000, options: Partial<ParleyClientOptions> = {}) {
  const [tab] = openTabs(1)
  if (tab === undefined) throw new Error('there is a tab')
  const vault = createSessionVault(tab.localStorage)
  // Node has the locks of the Web, too.
  const turns = createTurnsOfTabs({ locks: navigator.locks, mostMs })
  const common = { url: server.url, vault, turns, backoff: { minMs: 5, maxMs: 50 } }
  for (let index = 0; index < count; index += 1) {
    clients.push(createSharedClient({ ...common, ...(index === 0 ? options : {}) }))
  }
  const [first, ...others] = clients
  await first?.logIn({ email: alice.email, password: 'correct horse battery' })
  for (const client of others) {
    const stored = vault.read()
    if (stored !== undefined) client.resume(stored)
  }
  return { vault, storage: tab.localStorage }
}

const refreshes = (): number => server.requestsTo('POST /users/auth/refresh').length

describe('clients that share a session', () => {
  it('exchange each token once, however many of them need it', async () => {
    const { vault } = await openAlice(4)
    for (let round = 1; round <= 3; round += 1) {
      server.accessTokens.clear()
      const users = await Promise.all(clients.map((client) => client.users.me()))
      expect(users).toEqual(clients.map(() => alice))
      expect(refreshes()).toBe(round)
    }
    expect(server.refreshTokens.has(vault.read()?.refreshToken ?? '')).toBe(true)
  })

  it('store what they have, and forget it when it is over', async () => {
    const { vault } = await openAlice(1)
    expect(vault.read()?.user).toEqual(alice)
    await clients[0]?.logOut()
    expect(vault.read()).toBeUndefined()
  })

  it('leave alone what is newer when their own is over', async () => {
    const { vault } = await openAlice(1)
    const newer = vault.read()
    if (newer === undefined) throw new Error('there is a session')
    vault.write({ ...newer, refreshToken: 'newer' })
    await clients[0]?.logOut()
    expect(vault.read()?.refreshToken).toBe('newer')
  })
})

/** A fetch whose refreshes are answered, but not heard of until it wakes up. */
function createSleeper() {
  const asleep: (() => void)[] = []
  let isAsleep = false
  return {
    fetch: async (...[url, init]: Parameters<typeof fetch>): Promise<Response> => {
      const sleeps = isAsleep && (url as URL).pathname.endsWith('/refresh')
      const answer = await fetch(url, sleeps ? { ...init, signal: null } : init)
      if (sleeps) await new Promise<void>((resolve) => asleep.push(resolve))
      return answer
    },
    sleep: () => void (isAsleep = true),
    get sleeps() {
      return asleep.length > 0
    },
    wake() {
      isAsleep = false
      for (const wake of asleep.splice(0)) wake()
    },
  }
}

describe('while a tab sleeps in the middle of an exchange', () => {
  it.each([1, 2])('the others go on, and it finds what they stored after %d exchanges', async (exchanges) => {
    const sleeper = createSleeper()
    const { vault } = await openAlice(3, 100, { fetch: sleeper.fetch })
    const [first, ...others] = clients
    if (first === undefined) throw new Error('there is a first one')
    sleeper.sleep()
    server.accessTokens.clear()
    const woken = first.users.me()
    await eventually(() => expect(sleeper.sleeps).toBe(true))

    for (let round = 0; round < exchanges; round += 1) {
      server.accessTokens.clear()
      const users = await Promise.all(others.map((client) => client.users.me()))
      expect(users).toEqual(others.map(() => alice))
    }
    const stored = vault.read()

    sleeper.wake()
    expect(await woken).toEqual(alice)
    expect(vault.read()?.refreshToken).toBe(stored?.refreshToken)
    // Nobody is logged out, and the session goes on in each.
    server.accessTokens.clear()
    const users = await Promise.all(clients.map((client) => client.users.me()))
    expect(users).toEqual(clients.map(() => alice))
  })

  it('and where there are no locks, all go on at once', async () => {
    const turns = createTurnsOfTabs({ locks: undefined, mostMs: 100 })
    let done = 0
    await Promise.all([turns.take(async () => void (done += 1)), turns.take(async () => void (done += 1))])
    expect(done).toBe(2)
  })
})

it('takes what is no session for none', () => {
  const [tab] = openTabs(1)
  tab?.localStorage.setItem(sessionKey, '{')
  expect(tab && createSessionVault(tab.localStorage).read()).toBeUndefined()
})
