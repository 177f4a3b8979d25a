import { randomUUID } from 'node:crypto'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { eventually } from '@parley/testing/eventually.ts'
import {
  ask,
  codeOf,
  collect,
  createEntry,
  type GatewayUnderTest,
  heard,
  openGateway,
} from './testing/open-gateway.ts'

describe('draining', () => {
  const [alice, bob] = [randomUUID(), randomUUID()]
  const command = (text: string) => ({ to: bob, clientId: randomUUID(), text })
  let opened: GatewayUnderTest
  afterEach(() => opened.close())

  it('stops consuming, answers what is under way, tells when to come back, then closes', async () => {
    const stored = Promise.withResolvers<TimelineEntry>()
    const asked = Promise.withResolvers<void>()
    opened = await openGateway({
      settings: { DRAIN_JITTER_MS: 2_000, DRAIN_WAIT_MS: 20_000 },
      chat: {
        sendMessage() {
          asked.resolve()
          return stored.promise
        },
      },
    })
    const client = await opened.connect(alice)
    const other = await opened.connect(bob)
    const order: string[] = []
    const draining = collect(client, 'gateway:draining')
    client.once('gateway:draining', () => void order.push('told'))
    client.once('disconnect', (reason) => void order.push(reason))
    const entries = collect(other, 'timeline:entry')
    const otherGone = heard(other, 'disconnect')

    client.emit('message:send', command('under way'), ({ ok }) => void order.push(ok ? 'stored' : 'refused'))
    await asked.promise
    const closed = opened.gateway.close()
    expect(opened.gateway.close()).toBe(closed)

    // No further event, from the bus or from clients, and no further socket.
    const event = createEvent('chat.message-created.v1', {
      source: 'chat',
      subject: alice,
      data: { entry: createEntry(1), recipientIds: [bob] },
    })
    await expect(opened.publish(event)).rejects.toThrow(AggregateError)
    expect(codeOf(await ask(client, 'message:send', command('too late')))).toBe('unavailable')
    const late = opened.createClient({ token: opened.issuer.sign(alice) })
    const refused = heard(late, 'connect_error')
    late.connect()
    expect(await refused).toMatchObject({ description: { message: expect.stringContaining('503') } })
    expect([order, entries]).toEqual([[], []])

    stored.resolve(createEntry(1, 'under way'))
    await closed
    await otherGone
    // A reason after which a Socket.IO client comes back by itself.
    await eventually(() => expect(order).toEqual(['stored', 'told', 'transport close']))
    expect(draining).toHaveLength(1)
    expect(draining[0]?.reconnectInMs).toBeGreaterThanOrEqual(0)
    expect(draining[0]?.reconnectInMs).toBeLessThanOrEqual(2_000)
    expect(opened.gateway.connections()).toBe(0)
    expect(await opened.metric('parley_realtime_connections')).toBe(0)
    // The HTTP server is not the gateway's.
    expect((await fetch(`${opened.url}/healthz`)).status).toBe(200)
  })

  it('does not wait for ever for an answer that never comes', async () => {
    const asked = Promise.withResolvers<void>()
    opened = await openGateway({
      settings: { DRAIN_WAIT_MS: 50 },
      chat: {
        sendMessage() {
          asked.resolve()
          return new Promise(() => {})
        },
      },
    })
    const client = await opened.connect(alice)
    const told = heard(client, 'gateway:draining')
    client.emit('message:send', command('never stored'), () => {})
    await asked.promise
    await opened.gateway.close()
    expect(await told).toMatchObject({ reconnectInMs: expect.any(Number) })
  })

  it('spreads the clients over the jitter', async () => {
    opened = await openGateway({ settings: { DRAIN_JITTER_MS: 300_000 } })
    const clients = await Promise.all(Array.from({ length: 8 }, () => opened.connect(randomUUID())))
    const told = Promise.all(clients.map((client) => heard(client, 'gateway:draining')))
    await opened.gateway.close()
    expect(new Set((await told).map(({ reconnectInMs }) => reconnectInMs)).size).toBeGreaterThan(1)
  })
})
