import type { Event } from '@parley/contracts/events.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createRabbitEventBus, type RabbitEventBus } from '@parley/platform/rabbitmq/event-bus.rabbitmq.ts'
import { startRabbitMq, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import amqp, { type ConfirmChannel } from 'amqplib'
import { brokerDefinitions, type BrokerUser } from '../../deploy/compose/secrets/broker-rights.ts'

const patienceMs = 20_000
const passwords = { auth: 'auth-password', chat: 'chat-password', realtime: 'realtime-password' }
const epoch = '0193b0aa-0000-7000-8000-00000000e90c'
const types = ['chat.epoch-began.v1', 'users.user-registered.v1'] as const

/** RabbitMQ with the users that the stack gives it. */
describe('the rights of the services in RabbitMQ', () => {
  let server: TestServer
  let buses: Record<BrokerUser, RabbitEventBus>
  const urlFor = (user: BrokerUser): string => server.url.replace('guest:guest', `${user}:${passwords[user]}`)

  beforeAll(async () => {
    server = await startRabbitMq({ definitions: brokerDefinitions(passwords, 'operator-password') })
    const open = (name: BrokerUser): RabbitEventBus =>
      createRabbitEventBus({
        url: urlFor(name),
        name,
        logger: createSilentLogger(),
        metrics: createMetrics(),
        retryGapsMs: [100],
      })
    buses = { auth: open('auth'), chat: open('chat'), realtime: open('realtime') }
    await Promise.all([buses.auth, buses.chat].map((bus) => eventually(() => bus.publish([]), patienceMs)))
  }, 120_000)
  afterAll(async () => {
    await Promise.all(Object.values(buses ?? {}).map((bus) => bus.close()))
    await server?.stop()
  }, 60_000)

  const registered = (): Event =>
    createEvent('users.user-registered.v1', {
      source: 'auth',
      subject: 'user-1',
      data: { user: { id: '0193b0aa-0000-7000-8000-000000000001', firstName: 'Alice', lastName: '' } },
    })
  const epochBegan = (): Event =>
    createEvent('chat.epoch-began.v1', { source: 'chat', subject: epoch, data: { epoch } })

  /** Resolves to what RabbitMQ says to whoever does this as that user. */
  async function refusal(user: BrokerUser, act: (channel: ConfirmChannel) => Promise<unknown>) {
    const connection = await amqp.connect(urlFor(user))
    connection.on('error', () => undefined)
    try {
      const channel = await connection.createConfirmChannel()
      const refused = new Promise<string>((resolve) =>
        channel.on('error', (error: Error) => resolve(error.message)),
      )
      const done = act(channel).then(
        () => 'done',
        () => refused,
      )
      return await Promise.race([refused, done])
    } finally {
      await connection.close().catch(() => undefined)
    }
  }
  const publish = (exchange: string, key: string) => async (channel: ConfirmChannel) => {
    channel.publish(exchange, key, Buffer.from('{}'))
    await channel.waitForConfirms()
  }

  it('are enough for what each does: publish its own, hear what it asks for, put aside what fails', async () => {
    const heard: string[] = []
    let failures = 0
    await buses.chat.subscribe({
      queue: 'chat.people',
      types: ['users.user-registered.v1'],
      handle: ({ id }) => void heard.push(`chat ${id}`),
    })
    await buses.realtime.subscribe({
      queue: 'realtime.fanout',
      types: [...types],
      handle: ({ id }) => {
        failures += 1
        if (failures === 1) throw new Error('not now')
        heard.push(`realtime ${id}`)
      },
    })
    const [user, began] = [registered(), epochBegan()]
    await buses.auth.publish([user])
    await buses.chat.publish([began])
    const expected = [`chat ${user.id}`, `realtime ${user.id}`, `realtime ${began.id}`]
    await eventually(() => expect(heard.toSorted()).toEqual(expected.toSorted()), patienceMs)
    expect(failures).toBe(3)
  }, 60_000)

  it.each([
    ['a gateway', 'realtime', 'parley.events', 'chat.message-created.v1'],
    ['a gateway', 'realtime', 'parley.events', 'users.session-ended.v1'],
    ['a gateway', 'realtime', '', 'chat.people'],
    ['a gateway', 'realtime', '', 'realtime.fanout'],
    ['auth', 'auth', 'parley.events', 'chat.message-created.v1'],
    ['auth', 'auth', '', 'chat.people'],
    ['chat', 'chat', 'parley.events', 'users.user-registered.v1'],
  ] as const)('let %s (%s) publish nothing to "%s" as %s', async (_, user, exchange, key) => {
    expect(await refusal(user, publish(exchange, key))).toContain('ACCESS_REFUSED')
  })

  it.each([
    ['empty the queue of chat', (channel: ConfirmChannel) => channel.purgeQueue('chat.people')],
    ['take from the queue of chat', (channel: ConfirmChannel) => channel.get('chat.people')],
    ['delete the queue of chat', (channel: ConfirmChannel) => channel.deleteQueue('chat.people')],
    [
      'send its own events into the queue of chat',
      async (channel: ConfirmChannel) => {
        await channel.assertExchange('realtime.forged', 'fanout')
        await channel.bindQueue('chat.people', 'realtime.forged', '')
      },
    ],
    [
      'make its own exchange a source of events',
      async (channel: ConfirmChannel) => {
        await channel.assertExchange('realtime.source', 'topic')
        await channel.bindExchange('parley.events', 'realtime.source', '#')
      },
    ],
  ])('do not let a gateway %s', async (_, act) => {
    expect(await refusal('realtime', act)).toContain('ACCESS_REFUSED')
  })
})
