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
