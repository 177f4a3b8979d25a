import { randomUUID } from 'node:crypto'
import type { Event } from '@parley/contracts/events.ts'
import { type DeadLetter, openDeadLetters } from './dead-letters.ts'
import {
  eventType,
  idsOf,
  patiently,
  startTestBroker,
  type TestBroker,
  testEvent,
  testEvents,
  waitingIn,
} from './rabbitmq-test-parts.ts'
import { eventsExchange, retryQueueOf, roomsOf } from './topology.ts'
import { OwnError } from '../own-error.ts'

const types = [eventType] as const
let broker: TestBroker
let queue: string
beforeAll(async () => {
  broker = await startTestBroker()
}, 120_000)
beforeEach(() => {
  queue = `test.${randomUUID()}`
})
afterEach(() => broker.closeBuses())
afterAll(() => broker?.stop())

async function deadLettersOf(name: string): Promise<DeadLetter[]> {
  const letters = await openDeadLetters(broker.url)
  try {
    return await letters.list({ queue: name }, 100)
  } finally {
    await letters.close()
  }
}

const deadLetter = (name = queue) =>
  patiently(async () => {
    const [letter] = await deadLettersOf(name)
    expect(letter).toBeDefined()
    return letter!
  })

/** As somebody else would publish, or something that is broken. */
const publishRaw = (
  content: string,
  { type, routingKey = eventType }: { type?: string; routingKey?: string },
) =>
  broker.asAdmin((channel) => {
    channel.publish(eventsExchange, routingKey, Buffer.from(content), {
      persistent: true,
      ...(type === undefined ? {} : { type }),
    })
  })

it('an event that fails every time is tried as often as stated, then it is a dead letter', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [100, 200] })
  const poison = testEvent('poison')
  let attempts = 0
  const handled: Event[] = []
  await bus.subscribe({
    queue,
    types,
    handle(event) {
      if (event.id !== poison.id) return void handled.push(event)
      attempts += 1
      throw new OwnError(`never, at attempt ${attempts}`)
    },
  })
  const events = testEvents(50)
  await bus.publish([poison, ...events])
  const letter = await deadLetter()
  expect(attempts).toBe(3)
  expect(letter).toMatchObject({ id: poison.id, type: eventType, queue, reason: 'failed', attempts: 3 })
  expect(letter.error).toBe('never, at attempt 3')
  expect(Date.parse(letter.diedAt!)).toBeGreaterThanOrEqual(Date.parse(letter.firstFailedAt!) + 300)
  expect(JSON.parse(letter.content)).toEqual(poison)
  expect(idsOf(handled)).toEqual(idsOf(events))
  expect([await bus.metric('retried_total'), await bus.metric('dead_lettered_total')]).toEqual([2, 1])
  expect(await waitingIn(broker, queue)).toBe(0)
})

it('an event that waits for its next try delays no other one', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [3_600_000], prefetch: 2 })
  const handled: Event[] = []
  const failing = new Set<string>()
  await bus.subscribe({
    queue,
    types,
    handle(event) {
      if (failing.has(event.id)) throw new Error('not in this hour')
      handled.push(event)
    },
  })
  // More than are handled at the same time.
  const [poison, events] = [testEvents(10), testEvents(10)]
  for (const { id } of poison) failing.add(id)
  await bus.publish([...poison, ...events])
  await patiently(() => expect(idsOf(handled)).toEqual(idsOf(events)))
  await patiently(async () => expect(await waitingIn(broker, retryQueueOf(queue, 3_600_000))).toBe(10))
})

it('only the queue whose handler failed gets an event again', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [100] })
  const [failed, sound]: [Event[], Event[]] = [[], []]
  await bus.subscribe({ queue: `${queue}.sound`, types, handle: (event) => void sound.push(event) })
  await bus.subscribe({
    queue: `${queue}.failing`,
    types,
    handle(event) {
      failed.push(event)
      if (failed.length === 1) throw new Error('not now')
    },
  })
  const event = testEvent()
  await bus.publish([event])
  await patiently(() => expect(failed).toEqual([event, event]))
  expect(sound).toEqual([event])
  expect(await bus.metric('duplicates_total')).toBe(0)
})

it.each([
  ['no JSON', '{"specversion"'],
  ['no event', JSON.stringify({ ...testEvent(), data: { user: { id: 'nobody' } } })],
  ['nothing', ''],
])('what cannot be read (%s) is a dead letter at once, and delays nothing', async (_, content) => {
  const bus = await broker.connectedBus({ retryGapsMs: [3_600_000] })
  const handled: Event[] = []
  await bus.subscribe({ queue, types, handle: (event) => void handled.push(event) })
  await publishRaw(content, { type: eventType })
  const event = testEvent()
  await bus.publish([event])
  await patiently(() => expect(handled).toEqual([event]))
  const letter = await deadLetter()
  expect(letter).toMatchObject({ queue, reason: 'malformed', content, attempts: 0 })
  expect(letter.id).not.toBe('')
  expect(letter.error).not.toBe('')
  expect(bus.lines).toContainEqual(expect.objectContaining({ msg: 'dead letter', reason: 'malformed' }))
})

it('an event that only newer processes know is kept for them', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [] })
  await bus.subscribe({ queue, types, handle: () => undefined })
  const type = 'users.user-renamed.v9'
  await broker.asAdmin((channel) => channel.bindQueue(queue, eventsExchange, type))
  await publishRaw(JSON.stringify({ ...testEvent(), type }), { type, routingKey: type })
  expect(await deadLetter()).toMatchObject({ type, reason: 'failed', error: `nobody here handles ${type}` })
})

it('a failed event is not lost when the queue where it should wait is gone', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [100] })
  let attempts = 0
  const handled = Promise.withResolvers<void>()
  await bus.subscribe({
    queue,
    types,
    handle() {
      attempts += 1
      if (attempts === 1) throw new Error('not now')
      handled.resolve()
    },
  })
  await broker.asAdmin((channel) => channel.deleteQueue(retryQueueOf(queue, 100)))
  await bus.publish([testEvent()])
  await handled.promise
  // Where it is now, the next one that fails finds its place.
  await patiently(async () => expect(await waitingIn(broker, retryQueueOf(queue, 100))).toBe(0))
})

it('an event whose queue is missing when its wait is over comes back within seconds of the queue', async () => {
  const bus = await broker.connectedBus({ retryGapsMs: [1_000] })
  const stop = await bus.subscribe({
    queue,
    types,
    handle() {
      throw new Error('not at first')
    },
  })
  const event = testEvent()
  await bus.publish([event])
  await patiently(async () => expect(await waitingIn(broker, retryQueueOf(queue, 1_000))).toBe(1))
  await stop()
  await broker.asAdmin((channel) => channel.deleteQueue(queue))
  const room = retryQueueOf(queue, 1_000)
  const counts = async () => (await broker.counts()).get(room)
  // Neither ready nor unacknowledged, and there all the same.
  await patiently(async () => expect(await counts()).toEqual({ all: 1, ready: 0, unacknowledged: 0 }))
  const handled: Event[] = []
  await bus.subscribe({ queue, types, handle: (again) => void handled.push(again) })
  await patiently(() => expect(handled).toEqual([event]))
  await patiently(async () => expect(await counts()).toEqual({ all: 0, ready: 0, unacknowledged: 0 }))
  expect([await bus.metric('retried_total'), await bus.metric('retries_returned_total')]).toEqual([1, 1])
})

it('an event that its consumers die of is a dead letter after as many deliveries as the limit says', async () => {
  const bus = await broker.connectedBus({ deliveryLimit: 2 })
  const released = Promise.withResolvers<void>()
  await bus.subscribe({ queue, types, handle: () => released.promise })
  const event = testEvent()
  await bus.publish([event])
  for (const redeliveries of [0, 1, 2]) {
    await patiently(async () => {
      expect(await bus.metric('redelivered_total')).toBe(redeliveries)
      expect(await waitingIn(broker, queue)).toBe(0)
    })
    await broker.ctl('close_all_connections', 'test')
  }
  const letter = await deadLetter()
  expect(letter).toMatchObject({ id: event.id, queue, reason: 'delivery_limit', attempts: 3 })
  expect(letter.diedAt).not.toBeNull()
  released.resolve()
})

it('an event that fails and cannot be put aside is a dead letter after as many tries as the limit says', async () => {
  const bus = await broker.connectedBus({ deliveryLimit: 2, retryGapsMs: [100] })
  let attempts = 0
  await bus.subscribe({
    queue,
    types,
    handle() {
      attempts += 1
      throw new Error('never')
    },
  })
  // The place where it should wait takes nothing, and goes on being there.
  const room = retryQueueOf(queue, 100)
  await broker.asAdmin(async (channel) => {
    await channel.deleteQueue(room)
    await channel.assertQueue(room, {
      durable: true,
      arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' },
    })
    await channel.bindQueue(room, roomsOf(queue), room)
  })
  const event = testEvent()
  await bus.publish([event])
  expect(await deadLetter()).toMatchObject({ id: event.id, queue, reason: 'delivery_limit' })
  expect(attempts).toBe(3)
})
