import type { ParleyClient } from '@parley/client/parley-client.ts'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import {
  alice,
  bob,
  createProtocolServer,
  problemFor,
  type ProtocolServer,
} from '@parley/client/testing/protocol-server.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createShelf } from '../storage/shelf.ts'
import { openTabs } from '../testing/open-tabs.ts'
import { createOutbox, type QueuedMessage } from './outbox.ts'

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

type Tab = ReturnType<typeof openTabs>[number]

function openTab(): Tab {
  const [tab] = openTabs(1)
  if (tab === undefined) throw new Error('there is a tab')
  return tab
}

/** What a page does when it is loaded. */
async function load(tab: Tab, id = 'here', whenGone = () => new Promise<void>(() => undefined)) {
  const client = createParleyClient({ url: server.url, backoff: { minMs: 5, maxMs: 20 } })
  clients.push(client)
  await client.logIn({ email: alice.email, password: 'correct horse battery' })
  const shelf = createShelf<QueuedMessage>(`unsent.${alice.id}`, tab)
  const outbox = createOutbox({ client, shelf, tabs: { id, whenGone }, me: alice.id })
  const states = () => outbox.messages.value.map(({ text, state }) => [text, state])
  return { client, shelf, outbox, states }
}

const said = (): string[] => (server.timelines.get(`direct-${bob.id}`) ?? []).map(({ body }) => body.text)

describe('the outbox', () => {
  it('keeps a message until its entry is here', async () => {
    const { client, shelf, outbox, states } = await load(openTab())
    await client.connect()
    outbox.send(bob.id, 'hello')
    expect(states()).toEqual([['hello', 'sending']])
    expect(shelf.all()).toHaveLength(1)
    await eventually(() => expect(states()).toEqual([]))
    expect(shelf.all()).toEqual([])
    expect(said()).toEqual(['hello'])
  })

  it('shows as accepted what was accepted before there is a connection to bring its entry', async () => {
    const { outbox, shelf, states } = await load(openTab())
    outbox.send(bob.id, 'hello')
    await eventually(() => expect(states()).toEqual([['hello', 'accepted']]))
    expect(shelf.all()).toEqual([])
  })

  it('sends after the next login what was on its way when the session ended', async () => {
    const tab = openTab()
    const before = await load(tab)
    server.accessTokens.clear()
    server.refreshTokens.clear()
    const ended = new Promise((resolve) => before.client.on('session-ended', resolve))
    before.outbox.send(bob.id, 'hello')
    await ended
    await eventually(() => expect(before.client.unsent()).toEqual([]))
    expect(before.states()).toEqual([['hello', 'sending']])
    before.client.close()
    await load(tab, 'again', async () => undefined)
    await eventually(() => expect(said()).toEqual(['hello']))
  })

  it('sends after a reload what was not accepted, in order, and what was accepted unseen only once', async () => {
    const tab = openTab()
    const before = await load(tab)
    let first = true
    server.fault = ({ route }) => {
      if (route !== 'POST /chat') return undefined
      const fault = first ? 'cut-after' : 'cut-before'
      first = false
      return fault
    }
    for (const text of ['one', 'two', 'three']) before.outbox.send(bob.id, text)
    await eventually(() => expect(before.states()[0]).toEqual(['one', 'waiting']))
    before.client.close()
    expect(before.shelf.all()).toHaveLength(3)

    server.fault = undefined
    const after = await load(tab)
    await after.client.connect()
    await eventually(() => expect(said()).toEqual(['one', 'two', 'three']))
    await eventually(() => expect(after.states().filter(([, state]) => state !== 'accepted')).toEqual([]))
    expect(after.shelf.all()).toEqual([])
  })

  it('says of what waits why, also of what waits behind it, and sends all of it in order', async () => {
    const { outbox, states } = await load(openTab())
    let isLimited = true
    server.fault = ({ route }) =>
      route === 'POST /chat' && isLimited ? { status: 429, body: problemFor('quota-used-up') } : undefined
    for (const text of ['one', 'two']) outbox.send(bob.id, text)
    await eventually(() =>
      expect(states()).toEqual([
        ['one', 'waiting'],
        ['two', 'waiting'],
      ]),
    )
    const words = 'You have sent very much lately. This goes out by itself, soon.'
    expect(outbox.messages.value.map(({ problem }) => problem)).toEqual([words, undefined])
    isLimited = false
    await eventually(() => expect(said()).toEqual(['one', 'two']))
  })

  it('keeps what was refused until it is discarded or tried again', async () => {
    const tab = openTab()
    const { outbox, states } = await load(tab)
    server.fault = ({ route }) =>
      route === 'POST /chat' ? { status: 404, body: problemFor('user-not-found') } : undefined
    outbox.send(bob.id, 'one')
    outbox.send(bob.id, 'two')
    await eventually(() =>
      expect(states()).toEqual([
        ['one', 'failed'],
        ['two', 'failed'],
      ]),
    )
    expect(outbox.messages.value[0]?.problem).toBe('This person does not exist any more.')

    const reloaded = await load(tab)
    expect(reloaded.states()).toEqual(states())
    const [one, two] = reloaded.outbox.messages.value
    reloaded.outbox.discard(one?.clientId ?? '')
    server.fault = undefined
    reloaded.outbox.retry(two?.clientId ?? '')
    await eventually(() => expect(said()).toEqual(['two']))
    await eventually(() => expect(reloaded.shelf.all()).toEqual([]))
  })

  it('sends what another tab leaves behind, once that tab is gone', async () => {
    const [here, there] = openTabs(2)
    const gone = Promise.withResolvers<void>()
    const asked: string[] = []
    const one = await load(here!, 'here', (...[id]: string[]) => {
      asked.push(id!)
      return gone.promise
    })
    const other = await load(there!, 'there')
    server.fault = ({ route }) => (route === 'POST /chat' ? 'cut-before' : undefined)
    for (const text of ['one', 'two']) other.outbox.send(bob.id, text)
    await eventually(() => expect(asked).toEqual(['there', 'there']))
    expect(one.states()).toEqual([])

    other.client.close()
    server.fault = undefined
    gone.resolve()
    await eventually(() => expect(said()).toEqual(['one', 'two']))
    await eventually(() => expect(one.shelf.all()).toEqual([]))
  })

  it('leaves to the other tab what that one sent meanwhile', async () => {
    const [here, there] = openTabs(2)
    const gone = Promise.withResolvers<void>()
    const one = await load(here!, 'here', () => gone.promise)
    const other = await load(there!, 'there')
    other.outbox.send(bob.id, 'one')
    await eventually(() => expect(said()).toEqual(['one']))
    await eventually(() => expect(other.shelf.all()).toEqual([]))
    gone.resolve()
    await gone.promise
    expect(one.states()).toEqual([])
    expect(server.requestsTo('POST /chat')).toHaveLength(1)
  })

  it('drops what another tab discards', async () => {
    const [here, there] = openTabs(2)
    if (here === undefined || there === undefined) throw new Error('there are two tabs')
    server.fault = ({ route }) => (route === 'POST /chat' ? 'cut-before' : undefined)
    const one = await load(here)
    one.outbox.send(bob.id, 'hello')
    const other = await load(there)
    expect(other.states()).toEqual([['hello', 'sending']])
    other.outbox.discard(other.outbox.messages.value[0]?.clientId ?? '')
    expect(one.states()).toEqual([])
    await eventually(() => expect([one.client.unsent(), other.client.unsent()]).toEqual([[], []]))
  })
})
