import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { randomUUID } from 'node:crypto'
import type { Event } from '@parley/contracts/events.ts'
import { type DeadLetters, openDeadLetters } from './dead-letters.ts'
import {
  eventType,
  idsOf,
  patiently,
  startTestBroker,
  type TestBroker,
  type TestBus,
  testEvent,
  testEvents,
  waitingIn,
} from './rabbitmq-test-parts.ts'
import { deadLetters } from './topology.ts'
import { OwnError } from '../own-error.ts'

const types = [eventType] as const
const cli = join(__dirname, 'dead-letters-cli.ts')

let broker: TestBroker
let letters: DeadLetters
let queue: string
beforeAll(async () => {
  broker = await startTestBroker()
}, 120_000)
beforeEach(async () => {
  letters = await openDeadLetters(broker.url)
  await letters.drop({})
  queue = `test.${randomUUID()}`
})
afterEach(async () => {
  await letters.close()
  await broker.closeBuses()
})
afterAll(() => broker?.stop())

const listed = async (choice = {}, limit = 1_000) => (await letters.list(choice, limit)).map(({ id }) => id)

/** A queue whose handler fails once for each event, at the only try, and is able to from then on. */
async function subscribeFailing(bus: TestBus, name = queue) {
  const handled: Event[] = []
  const failed = new Set<string>()
  const stop = await bus.subscribe({
    queue: name,
    types,
    handle(event) {
      if (failed.has(event.id)) return void handled.push(event)
      failed.add(event.id)
      throw new OwnError('not at first')
    },
  })
  return { handled, stop }
}

/** Dead letters of a queue that has no handler any more, in their order. */
async function bury(count: number, name = queue): Promise<string[]> {
  const bus = await broker.connectedBus({ retryGapsMs: [] })
  const { stop } = await subscribeFailing(bus, name)
  await bus.publish(testEvents(count))
  await patiently(async () => expect(await listed({ queue: name })).toHaveLength(count))
  await stop()
  return await listed({ queue: name })
}

it('looking at dead letters changes neither them nor their order', async () => {
  const ids = await bury(100)
  const before = await letters.list({}, 1_000)
  expect(await listed({}, 3)).toEqual(ids.slice(0, 3))
  expect(await listed({ id: ids[12]! })).toEqual([ids[12]])
  const others = await openDeadLetters(broker.url)
  await Promise.all([listed(), others.list({}, 7), listed({}, 2)])
  await others.close()
  for (let times = 0; times < 8; times += 1) expect(await listed()).toEqual(ids)
  expect(await letters.list({}, 1_000)).toEqual(before)
})

it('looking at a letter that RabbitMQ gave up does not count as a further attempt', async () => {
  const bus = await broker.connectedBus({ deliveryLimit: 1 })
  const released = Promise.withResolvers<void>()
  await bus.subscribe({ queue, types, handle: () => released.promise })
  await bus.publish([testEvent()])
  for (const redeliveries of [0, 1]) {
    await patiently(async () => expect(await bus.metric('redelivered_total')).toBe(redeliveries))
    await broker.ctl('close_all_connections', 'test')
  }
  await letters.close().catch(() => undefined)
  letters = await openDeadLetters(broker.url)
  await patiently(async () => expect(await waitingIn(broker, deadLetters)).toBe(1))
  const attempts: number[] = []
  for (let look = 0; look < 4; look += 1) attempts.push((await letters.list({ queue }, 10))[0]!.attempts)
  expect(attempts).toEqual([2, 2, 2, 2])
  released.resolve()
})

it('a dead letter is replayed to the queue it came from only, with all tries before it', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [] })
  const [one, other] = [await subscribeFailing(bus, `${queue}.1`), await subscribeFailing(bus, `${queue}.2`)]
  const event = testEvent()
  await bus.publish([event])
  await patiently(async () => expect(await listed()).toEqual([event.id, event.id]))
  const { replayed, stranded } = await letters.replay({ id: event.id, queue: `${queue}.1` })
  expect([replayed, stranded]).toMatchObject([[{ id: event.id, queue: `${queue}.1` }], []])
  await patiently(() => expect(one.handled).toEqual([event]))
  expect(await letters.list({}, 10)).toMatchObject([{ id: event.id, queue: `${queue}.2`, attempts: 1 }])
  expect(other.handled).toEqual([])
})

it('a dead letter that fails again is one again, with its attempts counted anew', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [50] })
  let attempts = 0
  await bus.subscribe({
    queue,
    types,
    handle() {
      attempts += 1
      throw new Error('never')
    },
  })
  await bus.publish([testEvent()])
  for (const expected of [2, 4]) {
    await patiently(async () => expect(await letters.list({ queue }, 10)).toMatchObject([{ attempts: 2 }]))
    expect(attempts).toBe(expected)
    await letters.replay({ queue })
  }
})

it('a dead letter whose queue is gone stays, and keeps no other from its queue', async () => {
  const [gone] = await bury(1, `${queue}.gone`)
  const [there] = await bury(1, `${queue}.there`)
  await broker.asAdmin((channel) => channel.deleteQueue(`${queue}.gone`))
  const { replayed, stranded } = await letters.replay({})
  expect([replayed, stranded]).toMatchObject([[{ id: there }], [{ id: gone }]])
  expect(await listed()).toEqual([gone])
  expect(await waitingIn(broker, `${queue}.there`)).toBe(1)
})

it('dropped letters are gone, and only those', async () => {
  const [ids, kept] = [await bury(3), await bury(2, `${queue}.kept`)]
  expect(await letters.drop({ id: ids[1]! })).toMatchObject([{ id: ids[1] }])
  expect(await listed({ queue })).toEqual([ids[0], ids[2]])
  expect(await letters.drop({ queue })).toHaveLength(2)
  expect(await listed()).toEqual(kept)
})

describe('on the command line', () => {
  const start = (args: readonly string[], env: Record<string, string> = { RABBITMQ_URL: broker.url }) =>
    spawn(process.execPath, [cli, ...args], { env: { PATH: process.env['PATH'], ...env } })
  async function run(args: readonly string[], env?: Record<string, string>) {
    const child = start(args, env)
    const [out, complaints] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)])
    return { out, complaints, code: child.exitCode }
  }
  const ended = async (child: ChildProcess) => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  }

  it('dead letters are listed, shown, replayed and dropped', async () => {
    expect(await run(['list'])).toMatchObject({ code: 0, out: 'No dead letters.\n' })
    const bus = await broker.connectedBus({ retryGapsMs: [] })
    const { handled } = await subscribeFailing(bus)
    const [event, other] = [testEvent(), testEvent()]
    await bus.publish([event, other])
    await patiently(async () => expect(await listed()).toHaveLength(2))

    const list = await run(['list', '--queue', queue])
    expect(list.code).toBe(0)
    expect(list.out).toContain(`${event.id}  ${eventType}  ${queue}  failed`)
    const json = await run(['list', '--json', '--limit', '1'])
    expect(JSON.parse(json.out)).toMatchObject([
      { queue, reason: 'failed', error: 'not at first', attempts: 1 },
    ])
    const show = await run(['show', event.id, '--json'])
    const { content } = JSON.parse(show.out) as { content: string }
    expect(JSON.parse(content)).toEqual(event)
    expect((await run(['show', event.id])).out).toMatch(/error +not at first/)

    expect(await run(['replay', event.id])).toMatchObject({ code: 0, out: `${event.id}  back in ${queue}\n` })
    await patiently(() => expect(handled).toEqual([event]))
    expect(await run(['drop', '--all'])).toMatchObject({ code: 64 })
    expect(await listed()).toEqual([other.id])
    expect(await run(['drop', '--all', '--yes'])).toMatchObject({ code: 0 })
    expect(await listed()).toEqual([])
  })

  it('a letter that is not there is a failure', async () => {
    for (const command of ['show', 'replay', 'drop']) {
      expect(await run([command, 'nobody'])).toMatchObject({
        code: 1,
        complaints: 'dead-letters: there is no dead letter nobody\n',
      })
    }
  })

  it('a broker that is away, and settings that are missing, are said', async () => {
    const away = await run(['list'], { RABBITMQ_URL: 'amqp://guest:guest@localhost:1' })
    expect(away.code).toBe(1)
    expect(away.complaints).toMatch(/^dead-letters: RabbitMQ cannot be reached: .*ECONNREFUSED/)
    const missing = await run(['list'], {})
    expect(missing).toMatchObject({ code: 78 })
    expect(missing.complaints).toContain('RABBITMQ_URL: is missing')
    expect(await run(['--help'], {})).toMatchObject({ code: 0, complaints: '' })
  })

  it('nothing is lost when it is killed in the middle', async () => {
    const ids = await bury(600)
    const child = start(['replay', '--all'])
    await patiently(async () => expect(await waitingIn(broker, queue)).toBeGreaterThan(0))
    child.kill('SIGKILL')
    await ended(child)
    expect(child.signalCode).toBe('SIGKILL')

    const bus = await broker.connectedBus()
    const replayed = new Set<string>()
    await bus.subscribe({ queue, types, handle: ({ id }) => void replayed.add(id) })
    await patiently(async () => expect(new Set([...replayed, ...(await listed())])).toEqual(new Set(ids)))
    expect(await waitingIn(broker, deadLetters)).toBeGreaterThan(0)
    await letters.replay({})
    await patiently(() => expect([...replayed].toSorted()).toEqual(ids.toSorted()))
  })
})

it('an event that ends among the dead letters is listed, replayed and handled', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [50, 100] })
  let able = false
  const handled: Event[] = []
  await bus.subscribe({
    queue,
    types,
    handle(event) {
      if (!able) throw new Error('a fault in the code')
      handled.push(event)
    },
  })
  const events = testEvents(5)
  await bus.publish(events)
  await patiently(async () => expect(await listed()).toHaveLength(5))
  able = true
  await letters.replay({})
  await patiently(() => expect(idsOf(handled)).toEqual(idsOf(events)))
  expect(await listed()).toEqual([])
})
