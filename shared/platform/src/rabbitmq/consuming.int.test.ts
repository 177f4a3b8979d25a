import { randomUUID } from 'node:crypto'
import type { Event } from '@parley/contracts/events.ts'
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

/** A handler that keeps events waiting until they are released. */
function createGate() {
  const begun: Event[] = []
  const released = Promise.withResolvers<void>()
  const handle = (event: Event): Promise<void> => {
    begun.push(event)
    return released.promise
  }
  return { begun, handle, release: released.resolve }
}

it('a window that is larger than all buffers arrives, and nothing of it twice', async () => {
  const bus = await broker.connectedBus()
  const handled: Event[] = []
  await bus.subscribe({ queue, types, handle: (event) => void handled.push(event) })
  const events = testEvents(5_000)
  await bus.publish(events)
  await patiently(() => expect(handled).toHaveLength(events.length))
  expect(idsOf(handled)).toEqual(idsOf(events))
  expect([await bus.metric('published_total'), await bus.metric('duplicates_total')]).toEqual([5_000, 0])
})

it('what handlers finish in any order is acknowledged, and nothing else', async () => {
  const bus = await broker.connectedBus({ prefetch: 20 })
  const events = testEvents(400)
  const stuck = new Set(events.filter((_, index) => index % 97 === 0).map(({ id }) => id))
  const gate = Promise.withResolvers<void>()
  const handled = new Set<string>()
  await bus.subscribe({
    queue,
    types,
    async handle({ id }) {
      if (stuck.has(id)) await gate.promise
      for (let turns = Math.random() * 20; turns > 0; turns -= 1) await new Promise(setImmediate)
      handled.add(id)
    },
  })
  await bus.publish(events)
  await patiently(() => expect(handled.size).toBe(events.length - stuck.size))
  // A crash: what is not acknowledged is exactly what is not done with, and at most half the prefetch more.
  await broker.ctl('close_all_connections', 'test')
  await patiently(async () =>
    expect(await bus.metric('redelivered_total')).toBeGreaterThanOrEqual(stuck.size),
  )
  expect(await bus.metric('redelivered_total')).toBeLessThan(stuck.size + 10)
  gate.resolve()
  await patiently(() => expect(handled.size).toBe(events.length))
  await bus.close()
  expect(await waitingIn(broker, queue)).toBe(0)
})

it('an event that comes again is acknowledged, but not handled again', async () => {
  const bus = await broker.connectedBus()
  const gate = createGate()
  await bus.subscribe({ queue, types, handle: gate.handle })
  const event = testEvent()
  await bus.publish([event, event])
  await patiently(() => expect(gate.begun).toHaveLength(1))
  // The handler goes on, and its ack is lost.
  await broker.ctl('close_all_connections', 'test')
  await patiently(async () => expect(await bus.metric('redelivered_total')).toBe(2))
  gate.release()
  await patiently(async () => expect(await bus.metric('duplicates_total')).toBe(3))
  await patiently(() => bus.publish([event]))
  await patiently(async () => expect(await bus.metric('duplicates_total')).toBe(4))
  expect(gate.begun).toEqual([event])
  await bus.close()
  expect(await waitingIn(broker, queue)).toBe(0)
})

it('no more events are handled at the same time than the prefetch says', async () => {
  const bus = await broker.connectedBus({ prefetch: 5 })
  let [running, most, handled] = [0, 0, 0]
  await bus.subscribe({
    queue,
    types,
    async handle() {
      running += 1
      most = Math.max(most, running)
      // As many as may come do come.
      await patiently(() => expect(most).toBe(5))
      running -= 1
      handled += 1
    },
  })
  await bus.publish(testEvents(100))
  await patiently(() => expect(handled).toBe(100))
  expect(most).toBe(5)
})

it('a subscriber that stops in the middle gives the rest to another one', async () => {
  const bus = await broker.connectedBus({ prefetch: 3 })
  const gate = createGate()
  const stop = await bus.subscribe({ queue, types, handle: gate.handle })
  const events = testEvents(10)
  await bus.publish(events)
  await patiently(() => expect(gate.begun).toHaveLength(3))
  let stopped = false
  const stopping = stop().then(() => {
    stopped = true
  })
  const next: Event[] = []
  await bus.subscribe({ queue, types, handle: (event) => void next.push(event) })
  await patiently(() => expect(next).toHaveLength(7))
  expect(stopped).toBe(false)
  gate.release()
  await stopping
  expect(idsOf([...gate.begun, ...next])).toEqual(idsOf(events))
  expect(await bus.metric('retried_total')).toBe(0)
})

it('a subscription can be ended and made again many times, while events come', async () => {
  const bus = await broker.connectedBus({ prefetch: 10 })
  const handled: Event[] = []
  const handle = async (event: Event): Promise<void> => {
    await new Promise(setImmediate)
    handled.push(event)
  }
  const published: Event[] = []
  let stop = await bus.subscribe({ queue, types, handle })
  for (let round = 0; round < 15; round += 1) {
    const events = testEvents(40)
    published.push(...events)
    await bus.publish(events)
    await stop()
    stop = await bus.subscribe({ queue, types, handle })
  }
  await patiently(() => expect(handled).toHaveLength(published.length))
  // Each once, although no subscription knew what the one before had done.
  expect(idsOf(handled)).toEqual(idsOf(published))
})

it('a queue that somebody deleted is there again', async () => {
  const bus = await broker.connectedBus()
  const handled: Event[] = []
  await bus.subscribe({ queue, types, handle: (event) => void handled.push(event) })
  await broker.asAdmin((channel) => channel.deleteQueue(queue))
  const event = testEvent()
  await patiently(async () => {
    await bus.publish([event])
    expect(handled).toEqual([event])
  })
})
