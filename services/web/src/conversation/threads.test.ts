import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import {
  alice,
  bob,
  createProtocolServer,
  type ProtocolServer,
} from '@parley/client/testing/protocol-server.ts'
import { type BadLine, openBadLine } from '@parley/testing/bad-line.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createThreads } from './threads.ts'

const conversationId = `direct-${bob.id}`
const historyRoute = `GET /chat/conversation/${alice.id}/${bob.id}`

describe('threads where no socket can be had', () => {
  let server: ProtocolServer
  let line: BadLine
  let client: ParleyClient

  beforeEach(async () => {
    server = await createProtocolServer()
    line = await openBadLine(Number(new URL(server.url).port))
    line.upgrades('refuse')
    client = createParleyClient({ url: `http://127.0.0.1:${line.port}`, pollEveryMs: 100 })
    await client.logIn({ email: alice.email, password: 'correct horse battery' })
  })
  afterEach(async () => {
    client.close()
    await line.close()
    await server.stop()
  })

  function answer() {
    const entries = server.timelines.get(conversationId) ?? []
    const messages = entries.map(({ body, ...entry }) => ({ ...entry, ...body })).toReversed()
    return { status: 200, body: { conversation: { id: conversationId }, messages, nextBefore: null } }
  }

  it('show what was said between their loading and the first comparison, which is told by nothing else', async () => {
    server.say(conversationId, bob, 'one')
    server.fault = ({ route }) => (route === historyRoute ? answer() : undefined)
    const thread = createThreads(client, async () => undefined).open(bob.id)
    await eventually(() => expect(thread.state.value).toBe('ready'))
    server.say(conversationId, bob, 'two')
    client.connect().catch(() => undefined)
    await eventually(() =>
      expect(thread.messages.value.messages.map(({ text }) => text)).toEqual(['one', 'two']),
    )
    expect(client.state).toBe('connecting')
    // From then on what is said is told: there is nothing to look for.
    const looks = server.requestsTo(historyRoute).length
    const polls = server.requestsTo('GET /chat/heads').length
    await eventually(() =>
      expect(server.requestsTo('GET /chat/heads').length).toBeGreaterThanOrEqual(polls + 3),
    )
    expect(server.requestsTo(historyRoute)).toHaveLength(looks)
  })

  it('load in the end where loading failed', async () => {
    server.say(conversationId, bob, 'one')
    server.fault = ({ route }) => (route === historyRoute ? 'cut-before' : undefined)
    const thread = createThreads(client, async () => undefined).open(bob.id)
    client.connect().catch(() => undefined)
    await eventually(() => expect(client.limited).toBe('no-socket'))
    await eventually(() => expect(thread.state.value).toBe('failed'))
    server.fault = ({ route }) => (route === historyRoute ? answer() : undefined)
    await eventually(() => expect(thread.state.value).toBe('ready'))
  })
})
