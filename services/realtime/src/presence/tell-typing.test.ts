import { randomUUID } from 'node:crypto'
import { ParleyError } from '@parley/platform/parley-error.ts'
import {
  ask,
  type Client,
  codeOf,
  collect,
  type GatewayUnderTest,
  openGateway,
} from '../testing/open-gateway.ts'

describe('typing', () => {
  const [alice, bob, carol] = [randomUUID(), randomUUID(), randomUUID()]
  const conversationId = randomUUID()
  let opened: GatewayUnderTest
  let asked: string[]
  let clients: Record<'alice' | 'bob' | 'carol', Client>

  beforeEach(async () => {
    asked = []
    opened = await openGateway({
      settings: { TYPING_TTL_MS: 5_000 },
      chat: {
        async memberIds(caller, id) {
          asked.push(caller.userId)
          if (id !== conversationId || caller.userId === carol)
            throw new ParleyError('conversation-not-found')
          return [alice, bob]
        },
      },
    })
    clients = {
      alice: await opened.connect(alice),
      bob: await opened.connect(bob),
      carol: await opened.connect(carol),
    }
  })
  afterEach(() => opened.close())

  const type = (client: Client, typing: boolean) => ask(client, 'typing', { conversationId, typing })
  /** All that was sent to a client before has arrived once it has an answer. */
  const settle = (client: Client) => ask(client, 'presence:watch', { userIds: [] })

  it('tells the other members, once while it is fresh, and asks chat once', async () => {
    const told = [clients.alice, clients.bob, clients.carol].map((client) => collect(client, 'typing'))
    expect(await type(clients.alice, true)).toEqual({ ok: true })
    expect(await type(clients.alice, true)).toEqual({ ok: true })
    expect(await type(clients.alice, false)).toEqual({ ok: true })
    expect(await type(clients.alice, false)).toEqual({ ok: true })
    for (const client of Object.values(clients)) await settle(client)
    expect(told).toEqual([
      [],
      [
        { conversationId, userId: alice, typing: true, expiresInMs: 5_000 },
        { conversationId, userId: alice, typing: false, expiresInMs: 0 },
      ],
      [],
    ])
    expect(asked).toEqual([alice])
  })

  it('refuses somebody who is no member, every time, and tells nobody', async () => {
    const told = collect(clients.bob, 'typing')
    expect(codeOf(await type(clients.carol, true))).toBe('conversation-not-found')
    expect(codeOf(await type(clients.carol, true))).toBe('conversation-not-found')
    const elsewhere = { conversationId: randomUUID(), typing: true }
    expect(codeOf(await ask(clients.alice, 'typing', elsewhere))).toBe('conversation-not-found')
    await settle(clients.bob)
    expect(told).toEqual([])
    expect(asked).toEqual([carol, carol, alice])
  })
})
