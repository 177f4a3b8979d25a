import { eventually } from '@parley/testing/eventually.ts'
import type { Outbox } from './outbox.ts'
import {
  createArrayOutbox,
  createRecordingBus,
  createRelayStarter,
  pendingEvents,
  refuse,
} from './relay-test-parts.ts'
import { OwnError } from '../own-error.ts'

let relays: ReturnType<typeof createRelayStarter>
beforeEach(() => {
  relays = createRelayStarter()
})
afterEach(() => relays.closeAll())

describe('a relay', () => {
  it('publishes what it is offered, in windows, and marks it', async () => {
    const outbox = createArrayOutbox('1', '2', '3', '4', '5')
    const { bus, windows } = createRecordingBus()
    const relay = relays.start(outbox, bus, { windowSize: 2 })
    relay.offer(pendingEvents('1', '2', '3', '4', '5'))
    await relay.idle()
    expect(windows).toEqual([['1', '2'], ['3', '4'], ['5']])
    expect(outbox.keys()).toEqual([])
  })

  it('publishes what a crash or an outage left behind', async () => {
    const outbox = createArrayOutbox('1', '2')
    const { bus, taken } = createRecordingBus()
    relays.start(outbox, bus, { sweepMs: 1 })
    await eventually(() => expect(outbox.keys()).toEqual([]))
    expect(taken).toEqual(['1', '2'])
  })

  it('publishes again what was published but not marked when the process died', async () => {
    const outbox = createArrayOutbox('1', '2')
    const { bus, taken } = createRecordingBus()
    const dying = relays.start({ ...outbox, markPublished: () => Promise.reject(new Error('killed')) }, bus)
    dying.offer(pendingEvents('1', '2'))
    await dying.idle()
    expect([taken, outbox.keys()]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ])

    const restarted = relays.start(outbox, bus)
    await restarted.sweep()
    await restarted.idle()
    expect([taken, outbox.keys()]).toEqual([['1', '2', '1', '2'], []])
  })

  it('marks nothing before the bus has it', async () => {
    const outbox = createArrayOutbox('1')
    const released = Promise.withResolvers<void>()
    const { bus } = createRecordingBus(() => released.promise)
    const relay = relays.start(outbox, bus)
    relay.offer(pendingEvents('1'))
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(outbox.keys()).toEqual(['1'])
    released.resolve()
    await relay.idle()
    expect(outbox.keys()).toEqual([])
  })

  it('publishes an event once that is offered while it is on its way', async () => {
    const outbox = createArrayOutbox('1')
    const { bus, taken } = createRecordingBus()
    const relay = relays.start(outbox, bus)
    relay.offer(pendingEvents('1', '1'))
    relay.offer(pendingEvents('1'))
    await relay.sweep()
    await relay.idle()
    expect(taken).toEqual(['1'])
  })
})

describe('closing a relay', () => {
  it('waits for what is on its way', async () => {
    const outbox = createArrayOutbox('1')
    const released = Promise.withResolvers<void>()
    const { bus } = createRecordingBus(() => released.promise)
    const relay = relays.start(outbox, bus)
    relay.offer(pendingEvents('1'))
    const order: string[] = []
    const closed = relay.close().then(() => order.push('closed'))
    await new Promise(setImmediate)
    expect([order, outbox.keys()]).toEqual([[], ['1']])
    released.resolve()
    await closed
    expect(outbox.keys()).toEqual([])
  })

  it('waits for a sweep under way, so that nothing is published afterwards', async () => {
    const outbox = createArrayOutbox('1')
    const [started, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slow: Outbox = {
      ...outbox,
      async pending(limit) {
        started.resolve()
        await released.promise
        return outbox.pending(limit)
      },
    }
    const { bus } = createRecordingBus()
    const relay = relays.start(slow, bus, { sweepMs: 1 })
    await started.promise
    const closed = relay.close()
    released.resolve()
    await closed
    expect(outbox.keys()).toEqual([])
  })

  it('stops the sweeps', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    try {
      const pending = jest.fn(() => Promise.resolve([]))
      const outbox: Outbox = { pending, markPublished: () => Promise.resolve() }
      const relay = relays.start(outbox, createRecordingBus().bus, { sweepMs: 1_000 })
      await jest.advanceTimersByTimeAsync(3_000)
      expect(pending).toHaveBeenCalledTimes(4)
      await relay.close()
      await jest.advanceTimersByTimeAsync(3_000)
      expect(pending).toHaveBeenCalledTimes(4)
    } finally {
      jest.useRealTimers()
    }
  })
})

it('a sweep that fails is in the log, and the next one is not', async () => {
  const outbox = createArrayOutbox('1')
  const pending = jest.fn((limit: number) => outbox.pending(limit))
  pending.mockRejectedValueOnce(new OwnError('the store is away'))
  relays.start({ ...outbox, pending }, createRecordingBus().bus, { sweepMs: 1 })
  await eventually(() => expect(outbox.keys()).toEqual([]))
  expect(relays.lines).toMatchObject([{ msg: 'sweep failed', err: { message: 'the store is away' } }])
})

it('what is published and what fails is counted', async () => {
  const counts = async () => {
    const text = await relays.readMetrics()
    return ['published', 'failures'].map((name) =>
      Number(new RegExp(`parley_outbox_${name}_total\\{outbox="test"\\} (\\d+)`).exec(text)?.[1]),
    )
  }
  const { bus } = createRecordingBus(refuse('poison'))
  const relay = relays.start(createArrayOutbox('1', 'poison', '2'), bus)
  await relay.sweep()
  await relay.idle()
  await expect(counts()).resolves.toEqual([2, 1])
})
