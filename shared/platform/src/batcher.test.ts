import { createBatcher } from './batcher.ts'

const fulfilled = <R>(value: R): PromiseSettledResult<R> => ({ status: 'fulfilled', value })
const double = (items: readonly number[]) => items.map((item) => fulfilled(item * 2))

/** A batcher whose batches wait for the test to let them end. */
function createHeldBatcher(bounds: { maxWaiting?: number; maxWaitMs?: number } = {}) {
  const batches: (readonly number[])[] = []
  const started = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const batcher = createBatcher<number, number>(
    async (items) => {
      batches.push(items)
      started.resolve()
      await released.promise
      return double(items)
    },
    { maxSize: 100, ...bounds },
  )
  return { batcher, batches, started: started.promise, release: () => released.resolve() }
}

describe('a batcher', () => {
  it('groups what arrives in one turn, and gives each item its own result', async () => {
    const run = jest.fn(async (items: readonly number[]) => double(items))
    const batcher = createBatcher(run, { maxSize: 100 })
    await expect(Promise.all([1, 2, 3].map((item) => batcher.add(item)))).resolves.toEqual([2, 4, 6])
    expect(run.mock.calls).toEqual([[[1, 2, 3]]])
  })

  it('groups what arrives while a batch is under way, and runs one at a time', async () => {
    const { batcher, batches, started, release } = createHeldBatcher()
    const first = batcher.add(1)
    await started
    const later = [2, 3, 4].map((item) => batcher.add(item))
    await new Promise(setImmediate)
    expect(batches).toEqual([[1]])
    release()
    await expect(Promise.all([first, ...later])).resolves.toEqual([2, 4, 6, 8])
    expect(batches).toEqual([[1], [2, 3, 4]])
  })

  it('makes no batch larger than it may be, and keeps the order', async () => {
    const run = jest.fn(async (items: readonly number[]) => double(items))
    const batcher = createBatcher(run, { maxSize: 2 })
    const order: number[] = []
    await Promise.all([1, 2, 3, 4, 5].map(async (item) => order.push(await batcher.add(item))))
    expect(run.mock.calls).toEqual([[[1, 2]], [[3, 4]], [[5]]])
    expect(order).toEqual([2, 4, 6, 8, 10])
  })

  it('keeps its pace: what comes alone does not wait, what comes before its time shares a batch', async () => {
    const begun: number[] = []
    const paceMs = 60
    const batcher = createBatcher<number, number>(
      async (items) => {
        begun.push(performance.now())
        return double(items)
      },
      { maxSize: 3, paceMs },
    )
    const before = performance.now()
    await batcher.add(1)
    const rest = [batcher.add(2)]
    await new Promise(setImmediate)
    rest.push(batcher.add(3))
    await expect(Promise.all(rest)).resolves.toEqual([4, 6])
    expect(begun).toHaveLength(2)
    expect(begun[0]).toBeLessThan(before + paceMs)
    expect(begun[1]! - begun[0]!).toBeGreaterThan(paceMs - 5)
    // A batch that is full need not wait.
    await Promise.all([4, 5, 6, 7].map((item) => batcher.add(item)))
    expect(begun).toHaveLength(4)
  })

  it('lets one who adds one thing after the other go on at once, when singles are not paced', async () => {
    const sizes: number[] = []
    const batcher = createBatcher<number, number>(
      async (items) => {
        sizes.push(items.length)
        return double(items)
      },
      { maxSize: 3, paceMs: 500, paceSingles: false },
    )
    for (const item of [1, 2, 3]) await batcher.add(item)
    await Promise.all([batcher.add(4), batcher.add(5)])
    expect(sizes).toEqual([1, 1, 1, 2])
    // Now the pace holds.
    const rest = [batcher.add(6)]
    await new Promise(setImmediate)
    rest.push(batcher.add(7))
    await Promise.all(rest)
    expect(sizes).toEqual([1, 1, 1, 2, 2])
  })

  it('fails only the item whose result says so', async () => {
    const batcher = createBatcher<number, number>(
      (items) =>
        Promise.resolve(
          items.map((item) =>
            item === 2 ? { status: 'rejected', reason: new Error('two') } : fulfilled(item),
          ),
        ),
      { maxSize: 100 },
    )
    const results = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)))
    expect(results).toMatchObject([{ value: 1 }, { reason: { message: 'two' } }, { value: 3 }])
  })

  it('fails all items of a batch that fails, and goes on with the next', async () => {
    let broken = true
    const batcher = createBatcher<number, number>(
      (items) => {
        if (broken) throw new Error('the store is away')
        return Promise.resolve(double(items))
      },
      { maxSize: 2 },
    )
    const results = await Promise.allSettled([batcher.add(1), batcher.add(2)])
    expect(results).toMatchObject([
      { reason: { message: 'the store is away' } },
      { reason: { message: 'the store is away' } },
    ])
    broken = false
    await expect(batcher.add(3)).resolves.toBe(6)
  })

  it('fails an item that a batch gave no result for, instead of leaving it waiting', async () => {
    const batcher = createBatcher<number, number>((items) => Promise.resolve(double(items.slice(1))), {
      maxSize: 100,
    })
    const results = await Promise.allSettled([batcher.add(1), batcher.add(2)])
    expect(results).toMatchObject([{ value: 4 }, { reason: { message: /no result/ } }])
  })

  it('refuses what would wait behind too much, and only that', async () => {
    const { batcher, batches, started, release } = createHeldBatcher({ maxWaiting: 2 })
    const first = batcher.add(1)
    await started
    const waiting = [batcher.add(2), batcher.add(3)]
    await expect(batcher.add(4)).rejects.toMatchObject({
      code: 'overloaded',
      details: { retryAfterSeconds: 1 },
    })
    release()
    await expect(Promise.all([first, ...waiting])).resolves.toEqual([2, 4, 6])
    await expect(batcher.add(5)).resolves.toBe(10)
    expect(batches).toEqual([[1], [2, 3], [5]])
  })

  it('refuses what has waited too long, oldest first, and never begins it', async () => {
    const { batcher, batches, started, release } = createHeldBatcher({ maxWaitMs: 20 })
    const first = batcher.add(1)
    await started
    const overloaded = expect.objectContaining({ code: 'overloaded' }) as Error
    const late = [batcher.add(2), batcher.add(3)]
    const results = await Promise.allSettled(late)
    expect(results).toEqual(late.map(() => ({ status: 'rejected', reason: overloaded })))
    await expect(batcher.add(4)).rejects.toEqual(overloaded)
    const inTime = batcher.add(5)
    release()
    await expect(Promise.all([first, inTime])).resolves.toEqual([2, 10])
    expect(batches).toEqual([[1], [5]])
  })

  it('is idle once nothing waits and nothing is under way', async () => {
    const { batcher, started, release } = createHeldBatcher()
    await batcher.idle()
    const order: string[] = []
    const added = [1, 2].map((item) => batcher.add(item).then(() => order.push('done')))
    await started
    added.push(batcher.add(3).then(() => order.push('done')))
    const idle = batcher.idle().then(() => order.push('idle'))
    await new Promise(setImmediate)
    expect(order).toEqual([])
    release()
    await Promise.all([...added, idle])
    expect(order).toEqual(['done', 'done', 'done', 'idle'])
  })
})
