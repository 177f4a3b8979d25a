import { randomUUID } from 'node:crypto'
import type { EventData } from '@parley/contracts/events.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { Server, type ServerOptions } from 'socket.io'
import {
  ask,
  codeOf,
  collect,
  createEntry,
  type GatewayUnderTest,
  heard,
  openGateway,
} from '../testing/open-gateway.ts'

const messageCreated = (data: EventData<'chat.message-created.v1'>, id?: string) =>
  createEvent('chat.message-created.v1', {
    source: 'chat',
    subject: data.entry.conversationId,
    data,
    ...(id === undefined ? {} : { id }),
  })

describe('delivery', () => {
  const [alice, bob, carol] = [randomUUID(), randomUUID(), randomUUID()]
  let opened: GatewayUnderTest
  const open = async (adapter?: ServerOptions['adapter']): Promise<void> => {
    opened = await openGateway(adapter === undefined ? {} : { adapter })
  }
  afterEach(() => opened.close())

  it('brings an entry to every socket of every recipient, and to nobody else', async () => {
    await open()
    const [phone, laptop, friend, stranger] = await Promise.all(
      [alice, alice, bob, carol].map((userId) => opened.connect(userId)),
    )
    const seen = [phone, laptop, friend, stranger].map((client) => collect(client!, 'timeline:entry'))
    const entry = createEntry(1, 'á é 👩‍👩‍👧 ‏שלום')
    const marker = createEntry(2)
    await opened.publish(messageCreated({ entry, recipientIds: [alice, bob] }))
    const last = [phone, laptop, friend, stranger].map((client) => heard(client!, 'timeline:entry'))
    await opened.publish(messageCreated({ entry: marker, recipientIds: [alice, bob, carol] }))
    await Promise.all(last)
    for (const client of [phone, laptop, friend, stranger])
      await ask(client!, 'presence:watch', { userIds: [] })

    expect(seen).toEqual([[entry, marker], [entry, marker], [entry, marker], [marker]])
    const labels = { event: 'timeline:entry' }
    expect(await opened.metric('parley_realtime_deliveries_total', labels)).toBe(5)
  })

  it('tells everybody to compare when the data has another epoch', async () => {
    await open()
    const clients = await Promise.all([alice, bob].map((userId) => opened.connect(userId)))
    const told = clients.map((client) => heard(client, 'timeline:behind'))
    const epoch = randomUUID()
    await opened.publish(
      createEvent('chat.epoch-began.v1', { source: 'chat', subject: epoch, data: { epoch } }),
    )
    expect(await Promise.all(told)).toEqual([{ withinMs: 5_000 }, { withinMs: 5_000 }])
  })

  it('brings receipts', async () => {
    await open()
    const client = await opened.connect(alice)
    const receipt = { conversationId: randomUUID(), userId: bob, delivered: 4, read: 2 }
    const advanced = heard(client, 'receipt:advanced')
    await opened.publish(
      createEvent('chat.receipt-advanced.v1', {
        source: 'chat',
        subject: receipt.conversationId,
        data: { ...receipt, recipientIds: [alice, bob] },
      }),
    )
    expect(await advanced).toEqual(receipt)
  })

  it('drops an event that comes again', async () => {
    await open()
    const client = await opened.connect(alice)
    const entries = collect(client, 'timeline:entry')
    const event = messageCreated({ entry: createEntry(1), recipientIds: [alice] })
    await opened.publish(event)
    await opened.publish(event)
    await opened.publish(messageCreated({ entry: createEntry(2), recipientIds: [alice] }))
    await ask(client, 'presence:watch', { userIds: [] })
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('closes the sockets of an ended session only', async () => {
    await open()
    const sessionId = randomUUID()
    const ended = await opened.connect(alice, opened.issuer.sign(alice, { sessionId }))
    const others = [await opened.connect(alice), await opened.connect(bob)]
    const told = heard(ended, 'session:ended')
    const closed = heard(ended, 'disconnect')
    await opened.publish(
      createEvent('users.session-ended.v1', {
        source: 'auth',
        subject: alice,
        data: { sessionId, userId: alice, reason: 'logout' },
      }),
    )
    expect(await told).toEqual({ reason: 'logout' })
    expect(await closed).toBe('io server disconnect')
    for (const other of others) {
      expect(codeOf(await ask(other, 'presence:watch', { userIds: [] }))).toBeUndefined()
    }
    expect(opened.gateway.connections()).toBe(2)
  })

  it('hands a failed event back to the bus, and takes it again', async () => {
    let networkIsDown = false
    const InMemoryAdapter = new Server().sockets.adapter.constructor as Exclude<
      ServerOptions['adapter'],
      (nsp: never) => unknown
    >
    class FailingAdapter extends InMemoryAdapter {
      override broadcast(...args: Parameters<InstanceType<typeof InMemoryAdapter>['broadcast']>): void {
        if (networkIsDown) throw new Error('the network is down')
        super.broadcast(...args)
      }
    }
    await open(FailingAdapter)
    const client = await opened.connect(alice)
    const event = messageCreated({ entry: createEntry(1), recipientIds: [alice] })
    networkIsDown = true
    await expect(opened.publish(event)).rejects.toThrow(AggregateError)
    networkIsDown = false
    const entry = heard(client, 'timeline:entry')
    await opened.publish(event)
    expect(await entry).toEqual(event.data.entry)
  })

  it.each<[string, object]>([
    ['no data', {}],
    ['no recipients', { data: { entry: createEntry(1) } }],
    ['recipients that are no list', { data: { entry: createEntry(1), recipientIds: 5 } }],
  ])('drops an event with %s, so that it blocks nothing', async (_, part) => {
    await open()
    const client = await opened.connect(alice)
    const { data: _data, ...envelope } = messageCreated({ entry: createEntry(1), recipientIds: [] })
    await opened.publish({ ...envelope, ...part } as never)
    expect(await opened.metric('parley_realtime_malformed_events_total')).toBe(1)
    const entry = heard(client, 'timeline:entry')
    await opened.publish(messageCreated({ entry: createEntry(2), recipientIds: [alice] }))
    expect(await entry).toMatchObject({ seq: 2 })
  })
})
