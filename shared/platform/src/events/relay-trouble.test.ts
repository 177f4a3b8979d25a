import { eventually } from '@parley/testing/eventually.ts'
import { createMemoryEventBus } from './event-bus.memory.ts'
import type { Outbox } from './outbox.ts'
import {
  createArrayOutbox,
  createRecordingBus,
  createRelayStarter,
  eventType,
  pendingEvents,
  refuse,
} from './relay-test-parts.ts'

let relays: ReturnType<typeof createRelayStarter>
beforeEach(() => {
  relays = createRelayStarter()
})
afterEach(() => relays.closeAll())

describe('an event that cannot be published', () => {
  it('delays no other one, stays pending, and is in the log', async () => {
    const outbox = createArrayOutbox('1', 'poison', '2')
    const { bus, taken } = createRecordingBus(refuse('poison'))
    const relay = relays.start(outbox, bus)
    relay.offer(pendingEvents('1', 'poison', '2'))
    await relay.idle()
    expect(taken.toSorted()).toEqual(['1', '2'])
    expect(outbox.keys()).toEqual(['poison'])
    expect(relays.lines).toMatchObject([
      {
        msg: 'not published, stays in the outbox',
        events: 1,
        eventId: 'event-poison',
        attempts: 1,
        err: { message: 'no poison' },
      },
    ])
  })

  it('does not hide those behind it, however many such events there are', async () => {
    const poison = Array.from({ length: 25 }, (_, index) => `poison-${index}`)
    const outbox = createArrayOutbox(...poison, 'good')
    const { bus, taken } = createRecordingBus(refuse(...poison))
    const relay = relays.start(outbox, bus, { windowSize: 1 })
    await eventually(async () => {
      await relay.sweep()
      await relay.idle()
      expect(taken).toEqual(['good'])
    })
    expect(outbox.keys()).toEqual(poison)
  })

  it('is tried again with growing gaps, up to ten seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    try {
      const attemptedAt: number[] = []
      const { bus } = createRecordingBus(() => {
        attemptedAt.push(performance.now())
        throw new Error('no')
      })
      const relay = relays.start(createArrayOutbox('poison'), bus)
      for (let elapsed = 0; elapsed < 60_000; elapsed += 500) {
        await relay.sweep()
        await relay.idle()
        jest.advanceTimersByTime(500)
      }
      const gaps = attemptedAt.slice(1).map((at, index) => at - (attemptedAt[index] ?? 0))
      expect(gaps).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000])
    } finally {
      jest.useRealTimers()
    }
  })

  it('is published once it can be', async () => {
    const outbox = createArrayOutbox('1')
    const bus = createMemoryEventBus()
    let broken = true
    const handle = jest.fn(() => {
      if (broken) throw new Error('the store is away')
    })
    await bus.subscribe({ queue: 'one', types: [eventType], handle })
    const relay = relays.start(outbox, bus, { sweepMs: 10 })
    relay.offer(pendingEvents('1'))
    await eventually(() => expect(handle).toHaveBeenCalled())
    await relay.idle()
    expect(outbox.keys()).toEqual(['1'])
    broken = false
    await eventually(() => expect(outbox.keys()).toEqual([]))
  })
})

describe('the memory of a relay', () => {
  it('is bounded: what does not fit is left to the sweep', async () => {
    const outbox = createArrayOutbox('1', '2', '3', '4', '5')
    const released = Promise.withResolvers<void>()
    const { bus, taken } = createRecordingBus(() => released.promise)
    const relay = relays.start(outbox, bus, { maxBuffered: 3 })
    relay.offer(pendingEvents('1', '2', '3', '4', '5'))
    released.resolve()
    await relay.idle()
    expect([taken, outbox.keys()]).toEqual([
      ['1', '2', '3'],
      ['4', '5'],
    ])
    await relay.sweep()
    await relay.idle()
    expect([taken, outbox.keys()]).toEqual([['1', '2', '3', '4', '5'], []])
  })

  it('is bounded in an outage too, and everything is published after it', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => String(index))
    const outbox = createArrayOutbox(...keys)
    const limits: number[] = []
    const watched: Outbox = {
      ...outbox,
      pending: (limit) => {
        limits.push(limit)
        return outbox.pending(limit)
      },
    }
    let away = true
    const { bus, taken } = createRecordingBus(() => {
      if (away) throw new Error('the broker is away')
    })
    const relay = relays.start(watched, bus, { windowSize: 2, maxBuffered: 4 })
    for (const key of keys) {
      relay.offer(pendingEvents(key))
      await relay.idle()
    }
    await relay.sweep()
    // A page of 10, and as many more as are remembered to have failed.
    expect(limits).toEqual([14])
    await relay.idle()
    away = false
    await eventually(async () => {
      await relay.sweep()
      await relay.idle()
      expect(outbox.keys()).toEqual([])
    })
    expect(taken.toSorted()).toEqual(keys.toSorted())
  })
})
