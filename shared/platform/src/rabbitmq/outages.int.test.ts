import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '@parley/contracts/events.ts'
import { type Line, openLine } from '@parley/testing/line.ts'
import {
  eventType,
  idsOf,
  patiently,
  startTestBroker,
  type TestBroker,
  type TestBus,
  testEvent,
  testEvents,
} from './rabbitmq-test-parts.ts'

const types = [eventType] as const
/** A broker that dies within this time of declaring a quorum queue may forget it. */
const settledAfterMs = 2_500

let broker: TestBroker
/** The broker gets another port at each start. */
let line: Line
let queue: string
beforeAll(async () => {
  broker = await startTestBroker()
  line = await openLine(() => broker.container.getMappedPort(5_672))
}, 120_000)
beforeEach(() => {
  queue = `test.${randomUUID()}`
})
afterEach(() => broker.closeBuses())
afterAll(async () => {
  await line?.close()
  await broker?.stop()
})

const messages = ({ lines }: TestBus) =>
  lines.filter(({ level }) => Number(level) >= 30).map(({ msg }) => msg)

/** Publishes windows without an end, each until the bus has taken it, as the relay does. */
function publishSteadily(bus: TestBus) {
  const published: Event[] = []
  let rejections = 0
  let ended = false
  const goesOn = (): boolean => !ended
  async function run(): Promise<void> {
    while (goesOn()) {
      const window = testEvents(20)
      for (let taken = false; !taken;) {
        taken = await bus.publish(window).then(
          () => true,
          () => false,
        )
        if (!taken) rejections += 1
        await sleep(5)
      }
      published.push(...window)
    }
  }
  const running = run()
  return {
    published,
    rejections: () => rejections,
    async end() {
      ended = true
      await running
    },
  }
}

it.each([
  ['cuts every connection', () => broker.ctl('close_all_connections', 'test')],
  [
    'stops and starts',
    async () => {
      await broker.ctl('stop_app')
      await broker.ctl('start_app')
    },
  ],
  // With SIGKILL, after which the same data is there.
  ['is killed and starts again', () => broker.container.restart({ timeout: 0 })],
])(
  'no event that was published is lost when the broker %s',
  async (_, trouble) => {
    const bus = await broker.connectedBus({ url: `amqp://guest:guest@127.0.0.1:${line.port}` })
    const handled = new Set<string>()
    await bus.subscribe({
      queue,
      types,
      async handle({ id }) {
        await sleep(Math.random() * 10)
        handled.add(id)
      },
    })
    await sleep(settledAfterMs)
    const publishing = publishSteadily(bus)
    await patiently(() => expect(handled.size).toBeGreaterThan(100))

    await trouble()
    const before = publishing.published.length
    await patiently(() => expect(publishing.published.length).toBeGreaterThan(before + 100))
    await publishing.end()
    expect(publishing.rejections()).toBeGreaterThan(0)
    const missing = () => publishing.published.filter(({ id }) => !handled.has(id)).length
    await patiently(() => expect(missing()).toBe(0))

    // Of each of its two connections.
    expect(messages(bus).filter((line) => line === 'RabbitMQ is away')).toHaveLength(2)
    expect(messages(bus).filter((line) => line === 'RabbitMQ is back')).toHaveLength(2)
  },
  120_000,
)

describe('while the broker is away', () => {
  beforeAll(() => broker.ctl('stop_app'), 60_000)
  afterAll(() => broker.ctl('start_app'), 60_000)

  it('publishing fails at once, and closing ends what waits for the broker', async () => {
    const bus = broker.openBus({ url: `amqp://guest:guest@127.0.0.1:${line.port}` })
    const subscribed = bus.subscribe({ queue, types, handle: () => undefined })
    const refused = expect(subscribed).rejects.toThrow('the event bus is closed')
    await patiently(() => expect(messages(bus)).toHaveLength(2))
    await expect(bus.publish([testEvent()])).rejects.toThrow('the broker is away')
    expect([bus.connected(), await bus.metric('connected')]).toEqual([false, 0])
    // Several tries later there is nothing new to say.
    await sleep(1_500)
    expect(messages(bus)).toEqual(['RabbitMQ is away', 'RabbitMQ is away'])
    await bus.close()
    await refused
  })
})

it('a bus that was made while the broker is away works once it is there', async () => {
  await broker.ctl('stop_app')
  const bus = broker.openBus({ url: `amqp://guest:guest@127.0.0.1:${line.port}` })
  const handled: Event[] = []
  const subscribed = bus.subscribe({ queue, types, handle: (event) => void handled.push(event) })
  await patiently(() => expect(messages(bus)).toHaveLength(2))
  await broker.ctl('start_app')
  await subscribed
  const events = testEvents(3)
  await patiently(() => bus.publish(events))
  await patiently(() => expect(idsOf(handled)).toEqual(idsOf(events)))
  expect([bus.connected(), await bus.metric('connected')]).toEqual([true, 2])
}, 60_000)

describe('a broker that hangs', () => {
  afterEach(() => broker.docker('unpause').catch(() => undefined))
  const url = () => `amqp://guest:guest@127.0.0.1:${line.port}`

  it('fails what is published within the time, and is used again afterwards', async () => {
    const bus = await broker.connectedBus({ url: url(), confirmTimeoutMs: 500 })
    const handled = new Set<string>()
    await bus.subscribe({ queue, types, handle: ({ id }) => void handled.add(id) })
    await broker.docker('pause')
    // More than fits into the buffers.
    const events = testEvents(20_000)
    await expect(bus.publish(events)).rejects.toThrow('the broker did not confirm in time')
    await expect(bus.publish(events)).rejects.toThrow('the broker did not confirm in time')
    await broker.docker('unpause')
    const further = testEvents(10)
    await patiently(() => bus.publish(further))
    await patiently(() => expect(further.every(({ id }) => handled.has(id))).toBe(true))
  }, 60_000)

  it('is noticed, and left', async () => {
    const bus = await broker.connectedBus({ url: url(), heartbeatSeconds: 1 })
    await bus.subscribe({ queue, types, handle: () => undefined })
    await broker.docker('pause')
    await patiently(() => expect(bus.connected()).toBe(false))
    // The two connections notice it by themselves, and that to publish on may be the later one.
    await patiently(() => expect(bus.publish([testEvent()])).rejects.toThrow('the broker is away'))
  }, 60_000)

  it('does not hold up closing', async () => {
    const bus = await broker.connectedBus({ url: url(), confirmTimeoutMs: 500 })
    await bus.subscribe({ queue, types, handle: () => undefined })
    await broker.docker('pause')
    const refused = expect(bus.publish([testEvent()])).rejects.toThrow(Error)
    await bus.close()
    await refused
    expect(await bus.metric('connected')).toBe(0)
  })
})
