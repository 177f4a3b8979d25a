import type { ParleyClient } from '@parley/client/parley-client.ts'
import { alice, createProtocolServer, type ProtocolServer } from '@parley/client/testing/protocol-server.ts'
import { openTabs } from '../testing/open-tabs.ts'
import { createSessionVault, createSharedClient, type InTurn, sessionKey } from './shared-client.ts'

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

/** As Web Locks do it. */
function createTurns(): InTurn {
  let last = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}

/** Alice, logged in with one tab and gone on with in the others. */
async function openAlice(count: number) {
  const [tab] = openTabs(1)
  if (tab === undefined) throw new Error('there is a tab')
  const vault = createSessionVault(tab.localStorage)
  const inTurn = createTurns()
  for (let index = 0; index < count; index += 1) {
    clients.push(createSharedClient({ url: server.url, vault, inTurn, backoff: { minMs: 5, maxMs: 50 } }))
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

it('takes what is no session for none', () => {
  const [tab] = openTabs(1)
  tab?.localStorage.setItem(sessionKey, '{')
  expect(tab && createSessionVault(tab.localStorage).read()).toBeUndefined()
})
