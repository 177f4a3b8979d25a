import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { eventually } from '@parley/testing/eventually.ts'
import * as fc from 'fast-check'
import { createConsumption } from './consume-while-available.ts'

/** A bus and a backplane that do what the test says, and what was asked of the bus. */
function setUp({ available = true, retryMs = 1 } = {}) {
  const calls: string[] = []
  const gates: Record<'subscribe' | 'unsubscribe', () => Promise<void> | void> = {
    subscribe: () => {},
    unsubscribe: () => {},
  }
  const tested = { open: 0, most: 0, gauge: 0, available }
  const listeners: ((available: boolean) => void)[] = []

  const consumption = createConsumption({
    async subscribe() {
      calls.push('subscribe')
      await gates.subscribe()
      tested.open += 1
      tested.most = Math.max(tested.most, tested.open)
      return async () => {
        calls.push('unsubscribe')
        await gates.unsubscribe()
        tested.open -= 1
      }
    },
    backplane: {
      available: () => tested.available,
      onChange: (listener) => void listeners.push(listener),
    },
    consuming: { set: (value) => void (tested.gauge = value) },
    logger: createSilentLogger(),
    retryMs,
  })
  const set = (available: boolean): void => {
    if (tested.available === available) return
    tested.available = available
    for (const listener of listeners) listener(available)
  }
  return { consumption, calls, gates, tested, set }
}

describe('consuming while the backplane is available', () => {
  it('subscribes at the start, and ends it at the stop', async () => {
    const { consumption, calls, tested } = setUp()
    await consumption.start()
    expect([tested.open, tested.gauge]).toEqual([1, 1])
    await consumption.stop()
    expect([calls, tested.open, tested.gauge]).toEqual([['subscribe', 'unsubscribe'], 0, 0])
  })

  it('pauses and resumes', async () => {
    const { consumption, tested, set } = setUp({ available: false })
    await consumption.start()
    expect([tested.open, tested.gauge]).toEqual([0, 0])
    for (let time = 0; time < 2; time += 1) {
      set(true)
      await eventually(() => expect([tested.open, tested.gauge]).toEqual([1, 1]))
      set(false)
      await eventually(() => expect([tested.open, tested.gauge]).toEqual([0, 0]))
    }
    await consumption.stop()
  })

  it('does nothing before the start and after the stop', async () => {
    const { consumption, calls, set } = setUp()
    set(false)
    set(true)
    await consumption.start()
    await consumption.stop()
    set(false)
    set(true)
    await new Promise(setImmediate)
    expect(calls).toEqual(['subscribe', 'unsubscribe'])
  })

  it('waits for handlers under way before it subscribes again', async () => {
    const { consumption, calls, gates, set } = setUp()
    await consumption.start()
    const handled = Promise.withResolvers<void>()
    gates.unsubscribe = () => handled.promise
    set(false)
    await new Promise(setImmediate)
    set(true)
    await new Promise(setImmediate)
    expect(calls).toEqual(['subscribe', 'unsubscribe'])
    handled.resolve()
    await eventually(() => expect(calls).toEqual(['subscribe', 'unsubscribe', 'subscribe']))
    await consumption.stop()
  })

  it('ends a subscription that came too late', async () => {
    const { consumption, calls, gates, tested, set } = setUp({ available: false })
    await consumption.start()
    const subscribed = Promise.withResolvers<void>()
    gates.subscribe = () => subscribed.promise
    set(true)
    await new Promise(setImmediate)
    const stopped = consumption.stop()
    subscribed.resolve()
    await stopped
    expect([calls, tested.open]).toEqual([['subscribe', 'unsubscribe'], 0])
  })

  it('fails to start when subscribing fails, but tries again to resume', async () => {
    const { consumption, gates, tested, set } = setUp()
    let failures = 3
    gates.subscribe = () => {
      if (failures-- > 0) throw new Error('no broker')
    }
    await expect(consumption.start()).rejects.toThrow('no broker')
    set(false)
    set(true)
    await eventually(() => expect([failures, tested.open]).toEqual([-1, 1]))
    await consumption.stop()
  })

  it('has exactly the wanted subscription after any coming and going', async () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(3)), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (changes, stops) => {
        const { consumption, gates, tested, set } = setUp()
        gates.subscribe = gates.unsubscribe = () => new Promise(setImmediate)
        await consumption.start()
        for (const [available, turns] of changes) {
          set(available)
          for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
        }
        if (stops) await consumption.stop()
        const wanted = tested.available && !stops ? 1 : 0
        await eventually(() => expect([tested.open, tested.gauge]).toEqual([wanted, wanted]))
        expect(tested.most).toBe(1)
        await consumption.stop()
      }),
    )
  })
})
