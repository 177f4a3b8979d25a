import type { Event } from '@parley/contracts/events.ts'
import { createEvent } from './create-event.ts'
import { describeEventBus } from './event-bus.contract.ts'
import { createMemoryEventBus } from './event-bus.memory.ts'

describeEventBus('memory', createMemoryEventBus)

const type = 'users.session-ended.v1'
const event = (id: string): Event =>
  createEvent(type, {
    id,
    source: 'test',
    subject: 'session-1',
    data: {
      sessionId: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11',
      userId: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10',
      reason: 'logout',
    },
  })

describe('publishing in one process', () => {
  it('is done once every handler of every queue has succeeded', async () => {
    const bus = createMemoryEventBus()
    const released = Promise.withResolvers<void>()
    const order: string[] = []
    await bus.subscribe({ queue: 'quick', types: [type], handle: () => void order.push('quick') })
    await bus.subscribe({
      queue: 'slow',
      types: [type],
      handle: async () => {
        await released.promise
        order.push('slow')
      },
    })
    const published = bus.publish([event('1')]).then(() => order.push('published'))
    await new Promise(setImmediate)
    expect(order).toEqual(['quick'])
    released.resolve()
    await published
    expect(order).toEqual(['quick', 'slow', 'published'])
  })

  it('keeps the order of the events in a queue', async () => {
    const bus = createMemoryEventBus()
    const seen: string[] = []
    const handle = async ({ id }: Event) => {
      if (id === '1') await new Promise(setImmediate)
      seen.push(id)
    }
    await bus.subscribe({ queue: 'one', types: [type], handle })
    await bus.publish(['1', '2', '3'].map(event))
    expect(seen).toEqual(['1', '2', '3'])
  })

  it('fails with each reason when handlers failed', async () => {
    const bus = createMemoryEventBus()
    const handle = ({ id }: Event) => {
      if (id !== '2') throw new Error(`no ${id}`)
    }
    await bus.subscribe({ queue: 'one', types: [type], handle })
    await expect(bus.publish(['1', '2', '3'].map(event))).rejects.toMatchObject({
      message: '2 event(s) not handled',
      errors: [{ message: 'no 1' }, { message: 'no 3' }],
    })
  })

  it('fails while nobody handles a queue, so that its events stay in the outbox', async () => {
    const bus = createMemoryEventBus()
    const stop = await bus.subscribe({ queue: 'one', types: [type], handle: () => undefined })
    await bus.publish([event('1')])
    await stop()
    await expect(bus.publish([event('2')])).rejects.toMatchObject({
      errors: [{ message: `nobody handles ${type} from one now` }],
    })
  })

  it('gives a subscriber that stops in the middle no further event, and fails for the rest', async () => {
    const bus = createMemoryEventBus()
    const [started, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const seen: string[] = []
    const stop = await bus.subscribe({
      queue: 'one',
      types: [type],
      handle: async ({ id }) => {
        seen.push(id)
        started.resolve()
        await released.promise
      },
    })
    const published = bus.publish(['1', '2'].map(event))
    await started.promise
    const stopped = stop()
    released.resolve()
    await expect(published).rejects.toMatchObject({ errors: [{ message: /^nobody handles/ }] })
    await stopped
    expect(seen).toEqual(['1'])
  })

  it('ends in the middle when the bus closes', async () => {
    const bus = createMemoryEventBus()
    const [started, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const seen: string[] = []
    await bus.subscribe({
      queue: 'one',
      types: [type],
      handle: async ({ id }) => {
        seen.push(id)
        started.resolve()
        await released.promise
      },
    })
    const published = bus.publish(['1', '2'].map(event))
    await started.promise
    const closed = bus.close()
    released.resolve()
    await expect(published).rejects.toMatchObject({ errors: [{ message: 'the event bus is closed' }] })
    await closed
    expect(seen).toEqual(['1'])
  })

  it('takes turns among the subscribers of a queue, however many queues there are', async () => {
    const bus = createMemoryEventBus()
    const counts: Record<string, number> = {}
    for (const queue of ['one', 'two']) {
      for (const subscriber of ['a', 'b']) {
        const name = `${queue}.${subscriber}`
        const handle = () => void (counts[name] = (counts[name] ?? 0) + 1)
        await bus.subscribe({ queue, types: [type], handle })
      }
    }
    await bus.publish(['1', '2', '3', '4'].map(event))
    expect(counts).toEqual({ 'one.a': 2, 'one.b': 2, 'two.a': 2, 'two.b': 2 })
  })
})
