import { createParleyClient } from '@parley/client/create-parley-client.ts'
import { alice, bob, createProtocolServer } from '@parley/client/testing/protocol-server.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createConversations } from '../conversations/conversations.ts'
import { createReadMarks } from './read-marks.ts'

it('tells what was read also where no socket can be had', async () => {
  const server = await createProtocolServer()
  const client = createParleyClient({
    url: server.url,
    socketOptions: { path: '/blocked' },
    connectTimeoutMs: 200,
    pollEveryMs: 100,
    backoff: { minMs: 10, maxMs: 50 },
  })
  try {
    await client.logIn({ email: alice.email, password: 'correct horse battery' })
    const conversations = createConversations(client, alice.id)
    const marks = createReadMarks(client, conversations)
    void client.connect().catch(() => undefined)
    marks.read(`direct-${bob.id}`, 3, 3)
    await eventually(
      () => expect(server.requestsTo('POST receipts').at(-1)?.body).toEqual({ read: 3 }),
      20_000,
    )
    conversations.close()
  } finally {
    client.close()
    await server.stop()
  }
})

it('tells again by itself what the server was too busy for', async () => {
  const server = await createProtocolServer()
  const client = createParleyClient({ url: server.url })
  try {
    await client.logIn({ email: alice.email, password: 'correct horse battery' })
    const conversations = createConversations(client, alice.id)
    const marks = createReadMarks(client, conversations)
    await client.connect()
    let refusals = 1
    server.ackFault = (event) =>
      event === 'receipt:advance' && (refusals -= 1) >= 0 ? 'rate-limited' : undefined
    marks.read(`direct-${bob.id}`, 3, 3)
    const told = () => server.commands.filter(({ event }) => event === 'receipt:advance')
    await eventually(() => expect(told()).toHaveLength(2))
    conversations.close()
  } finally {
    client.close()
    await server.stop()
  }
})
