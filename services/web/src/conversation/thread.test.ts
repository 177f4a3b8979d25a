import type { ParleyClient } from '@parley/client/parley-client.ts'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import {
  alice,
  bob,
  createProtocolServer,
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
    const thread = createThread(client, bob.id)
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
    const thread = createThread(client, bob.id)
    await thread.refresh()
    expect(thread.state.value).toBe('failed')
    server.fault = ({ route }) => (route === historyRoute ? answer() : undefined)
    await thread.refresh()
    expect(thread.state.value).toBe('ready')
  })

  it('looks again when an entry does not follow what is here', async () => {
    server.fault = ({ route }) => (route === historyRoute ? answer() : undefined)
    server.say(conversationId, bob, 'one')
    const thread = createThread(client, bob.id)
    await thread.refresh()
    server.say(conversationId, bob, 'two')
    thread.take(server.say(conversationId, bob, 'three'))
    await eventually(() =>
      expect(thread.messages.value.messages.map(({ text }) => text)).toEqual(['one', 'two', 'three']),
    )
  })
})
