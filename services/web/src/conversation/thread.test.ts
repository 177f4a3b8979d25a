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
import { createThread } from './thread.ts'

const conversationId = `direct-${bob.id}`
const historyRoute = `GET /chat/conversation/${alice.id}/${bob.id}`
let server: ProtocolServer
let client: ParleyClient

beforeEach(async () => {
  server = await createProtocolServer()
  client = createParleyClient({ url: server.url })
  await client.logIn({ email: alice.email, password: 'correct horse battery' })
})
afterEach(async () => {
  client.close()
  await server.stop()
})

/** What the server answers about the conversation now. */
function answer() {
  const entries = server.timelines.get(conversationId) ?? []
  const messages = entries.map(({ body, ...entry }) => ({ ...entry, ...body })).toReversed()
  const conversation = entries.length === 0 ? null : { id: conversationId }
  return { status: 200, body: { conversation, messages, nextBefore: null } }
}

describe('the thread with a person', () => {
  it('looks again when it is asked to during a look, since that answer may be older', async () => {
    const held = Promise.withResolvers<void>()
    server.fault = async ({ route }) => {
      if (route !== historyRoute) return undefined
      const old = answer()
      if (server.requestsTo(historyRoute).length === 1) await held.promise
      return old
    }
    const thread = createThread(client, bob.id, async () => undefined)
    const first = thread.refresh()
    await eventually(() => expect(server.requestsTo(historyRoute)).toHaveLength(1))
    // Its own first message, of which only the server knows in which conversation it is.
    server.say(conversationId, alice, 'Hello')
    const second = thread.refresh()
    held.resolve()
    await Promise.all([first, second])
    expect(thread.messages.value.messages.map(({ text }) => text)).toEqual(['Hello'])
    expect(thread.conversationId.value).toBe(conversationId)
    expect(server.requestsTo(historyRoute)).toHaveLength(2)
  })

  it('says that it could not load, and loads when it is asked again', async () => {
    server.fault = ({ route }) => (route === historyRoute ? 'cut-before' : undefined)
    const thread = createThread(client, bob.id, async () => undefined)
    await thread.refresh()
    expect(thread.state.value).toBe('failed')
    server.fault = ({ route }) => (route === historyRoute ? answer() : undefined)
    await thread.refresh()
    expect(thread.state.value).toBe('ready')
  })

  it('waits as long as it is asked to where it asked too often, and loads then', async () => {
    let refusals = 2
    server.fault = ({ route }) => {
      if (route !== historyRoute) return undefined
      const isLimited = (refusals -= 1) >= 0
      return isLimited ? { status: 429, body: problemFor('rate-limited') } : answer()
    }
    const thread = createThread(client, bob.id, async () => undefined)
    const done = thread.refresh()
    await eventually(() => expect(refusals).toBeLessThan(2))
    expect(thread.state.value).toBe('loading')
    await done
    expect(thread.state.value).toBe('ready')
    expect(server.requestsTo(historyRoute)).toHaveLength(3)
  })

  it('begins around the first unread message, and loads from there to the newest', async () => {
    for (let seq = 1; seq <= 240; seq += 1) server.say(conversationId, bob, `text ${seq}`)
    const paged = (before: number, limit: number) => {
      const messages = answer().body.messages.filter(({ seq }) => seq < before)
      const page = messages.slice(0, limit)
      return { messages: page, nextBefore: messages.length > limit ? page.at(-1)!.seq : null }
    }
    server.fault = ({ route }) => {
      if (route === historyRoute)
        return { status: 200, body: { conversation: { id: conversationId }, ...paged(Infinity, 50) } }
      return route === 'GET messages' ? { status: 200, body: paged(101, 50) } : undefined
    }
    const thread = createThread(client, bob.id, async () => 100)
    await thread.refresh()
    const seqs = () => thread.messages.value.messages.map(({ seq }) => seq)
    expect(seqs()).toEqual(Array.from({ length: 100 }, (_, index) => 51 + index))
    expect(thread.messages.value).toMatchObject({ nextBefore: 51, upTo: 150, head: 240 })

    // What comes meanwhile is not shown above a hole.
    thread.take(server.say(conversationId, bob, 'text 241'))
    expect(seqs().at(-1)).toBe(150)
    await thread.loadNewer()
    expect(seqs().at(-1)).toBe(241)
    expect(thread.messages.value).toMatchObject({ upTo: 241, head: 241 })
  })

  it('goes to the newest in place of what is here when there is more between', async () => {
    for (let seq = 1; seq <= 240; seq += 1) server.say(conversationId, bob, `text ${seq}`)
    const page = () => ({ messages: answer().body.messages.slice(0, 50), nextBefore: 191 })
    server.fault = ({ route }) =>
      route === historyRoute
        ? { status: 200, body: { conversation: { id: conversationId }, ...page() } }
        : route === 'GET messages'
          ? { status: 200, body: { messages: [], nextBefore: null } }
          : undefined
    const thread = createThread(client, bob.id, async () => 0)
    await thread.refresh()
    expect(thread.messages.value.messages[0]?.seq).toBe(1)
    server.fault = ({ route }) => (route === historyRoute ? 'cut-before' : undefined)
    expect(await thread.loadNewest()).toBe(false)
    expect(thread.newer.value).toBe('failed')
    server.fault = ({ route }) =>
      route === historyRoute
        ? { status: 200, body: { conversation: { id: conversationId }, ...page() } }
        : undefined
    expect(await thread.loadNewest()).toBe(true)
    expect(thread.messages.value).toMatchObject({ nextBefore: 191, upTo: 240, head: 240 })
  })

  it('keeps what comes while older messages are loaded, and has no holes when one goes to the newest then', async () => {
    for (let seq = 1; seq <= 100; seq += 1) server.say(conversationId, bob, `text ${seq}`)
    const history = (before: number) => {
      const messages = answer().body.messages.filter(({ seq }) => seq < before)
      const page = messages.slice(0, 20)
      return { messages: page, nextBefore: messages.length > 20 ? page.at(-1)!.seq : null }
    }
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let asked = 0
    const hold = async ({ route }: { route: string }) => {
      if (route === historyRoute)
        return { status: 200, body: { conversation: { id: conversationId }, ...history(Infinity) } }
      if (route !== 'GET messages') return undefined
      const page = history(thread.messages.value.nextBefore!)
      await held[asked++]?.promise
      return { status: 200, body: page }
    }
    const thread = createThread(client, bob.id, async () => undefined)
    server.fault = hold
    await thread.refresh()
    const seqs = () => thread.messages.value.messages.map(({ seq }) => seq)
    const from = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index)

    const first = thread.loadOlder()
    await eventually(() => expect(asked).toBe(1))
    thread.take(server.say(conversationId, bob, 'text 101'))
    held[0]!.resolve()
    await first
    expect(seqs()).toEqual(from(61, 101))

    const second = thread.loadOlder()
    await eventually(() => expect(asked).toBe(2))
    for (let seq = 102; seq <= 150; seq += 1) server.say(conversationId, bob, `text ${seq}`)
    await thread.refresh()
    expect(await thread.loadNewest()).toBe(true)
    held[1]!.resolve()
    await second
    expect(seqs()).toEqual(from(131, 150))
    expect(thread.messages.value.nextBefore).toBe(131)
  })

  it('looks again when an entry does not follow what is here', async () => {
    server.fault = ({ route }) => (route === historyRoute ? answer() : undefined)
    server.say(conversationId, bob, 'one')
    const thread = createThread(client, bob.id, async () => undefined)
    await thread.refresh()
    server.say(conversationId, bob, 'two')
    thread.take(server.say(conversationId, bob, 'three'))
    await eventually(() =>
      expect(thread.messages.value.messages.map(({ text }) => text)).toEqual(['one', 'two', 'three']),
    )
  })
})
