import { createParleyClient } from '@parley/client/create-parley-client.ts'
import { alice, bob, createProtocolServer } from '@parley/client/testing/protocol-server.ts'
import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createConversations } from './conversations.ts'

const id = `direct-${bob.id}`
const route = `GET /chat/conversations/${id}`

it('asks again for a conversation in which something is delivered while it is asked for', async () => {
  const server = await createProtocolServer()
  const client = createParleyClient({ url: server.url })
  try {
    await client.logIn({ email: alice.email, password: 'correct horse battery' })
    const held = Promise.withResolvers<void>()
    let delivered = 0
    server.fault = async (request) => {
      if (request.route !== route) return undefined
      const conversation: ConversationSummary = {
        id,
        kind: 'direct',
        memberIds: [alice.id, bob.id],
        createdAt: alice.createdAt,
        members: [alice, bob],
        head: 1,
        lastMessage: null,
        unread: 0,
        receipts: [
          { userId: alice.id, delivered: 1, read: 1 },
          { userId: bob.id, delivered, read: 0 },
        ],
      }
      if (server.requestsTo(route).length === 1) await held.promise
      return { status: 200, body: { conversation } }
    }
    await client.connect()
    const conversations = createConversations(client, alice.id)
    server.say(id, alice, 'Hello')
    await eventually(() => expect(server.requestsTo(route)).toHaveLength(1))

    delivered = 1
    const heard = new Promise((resolve) => client.on('receipt', resolve))
    for (const socket of server.sockets())
      socket.emit('receipt:advanced', { conversationId: id, userId: bob.id, delivered: 1, read: 0 })
    await heard
    held.resolve()
    await eventually(() =>
      expect(conversations.byPerson.value.get(bob.id)?.receipts).toContainEqual({
        userId: bob.id,
        delivered: 1,
        read: 0,
      }),
    )
  } finally {
    client.close()
    await server.stop()
  }
})

it('counts a message once that the server counted before it was delivered here', async () => {
  const server = await createProtocolServer()
  const client = createParleyClient({ url: server.url })
  const list = 'GET /chat/conversations'
  const summaryOf = (conversationId: string, unread: number): ConversationSummary => ({
    id: conversationId,
    kind: 'direct',
    memberIds: [alice.id, bob.id],
    createdAt: alice.createdAt,
    members: [alice, bob],
    head: unread,
    lastMessage: null,
    unread,
    receipts: [],
  })
  const [here, other] = ['is-loaded', 'is-not-loaded'] as const
  const conversations: ConversationSummary[] = [summaryOf(here, 0)]
  try {
    await client.logIn({ email: alice.email, password: 'correct horse battery' })
    server.fault = ({ route: asked }) => {
      if (asked === `${list}/${other}`) return { status: 200, body: { conversation: summaryOf(other, 1) } }
      if (asked !== list) return undefined
      const unreadTotal = conversations.reduce((sum, { unread }) => sum + unread, 0)
      return { status: 200, body: { conversations, nextCursor: null, unreadTotal } }
    }
    await client.connect()
    const loaded = createConversations(client, alice.id)
    await eventually(() => expect(loaded.list.value).toHaveLength(1))

    // Both are counted by the server; one of them is not delivered yet.
    conversations.splice(0, 1, summaryOf(here, 1), summaryOf(other, 1))
    const before = server.requestsTo(list).length
    server.say(other, bob, 'Hello')
    await eventually(() => expect(server.requestsTo(list).length).toBeGreaterThan(before))
    await eventually(() => expect(loaded.unread.value).toBe(2))
    const delivered = new Promise((resolve) => client.on('entry', resolve))
    server.say(here, bob, 'Hello')
    await delivered
    expect(loaded.unread.value).toBe(2)
    loaded.close()
  } finally {
    client.close()
    await server.stop()
  }
})
