import { randomUUID } from 'node:crypto'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { ask, codeOf, createEntry, type GatewayUnderTest, openGateway } from '../testing/open-gateway.ts'

describe('sending to chat', () => {
  const conversationId = randomUUID()
  const entry = createEntry(7, 'مرحبا 👋')
  const calls: unknown[] = []
  let opened: GatewayUnderTest

  beforeEach(async () => {
    calls.length = 0
    opened = await openGateway({
      chat: {
        async sendMessage(caller, command) {
          calls.push({ userId: caller.userId, command })
          return entry
        },
        async advanceReceipt(caller, command) {
          calls.push({ userId: caller.userId, command })
          if (command.read === 99) throw new ParleyError('receipt-beyond-head')
          return { delivered: 5, read: 3 }
        },
      },
    })
  })
  afterEach(() => opened.close())

  it('sends as the caller, and acks what chat has stored', async () => {
    const alice = randomUUID()
    const client = await opened.connect(alice)
    const command = { to: randomUUID(), clientId: randomUUID(), text: entry.body.text }
    expect(await ask(client, 'message:send', command)).toEqual({ ok: true, entry })
    expect(calls).toEqual([{ userId: alice, command }])
  })

  it('advances receipts as the caller', async () => {
    const alice = randomUUID()
    const client = await opened.connect(alice)
    const command = { conversationId, read: 3, delivered: 5 }
    expect(await ask(client, 'receipt:advance', command)).toEqual({ ok: true, delivered: 5, read: 3 })
    expect(calls).toEqual([{ userId: alice, command }])
    expect(codeOf(await ask(client, 'receipt:advance', { conversationId, read: 99 }))).toBe(
      'receipt-beyond-head',
    )
  })

  it('does not ask chat about a receipt that says nothing', async () => {
    const client = await opened.connect(randomUUID())
    for (const payload of [{ conversationId }, { conversationId, read: -1 }, { conversationId, read: '1' }]) {
      expect(codeOf(await ask(client, 'receipt:advance', payload))).toBe('validation-failed')
    }
    expect(calls).toEqual([])
  })
})
