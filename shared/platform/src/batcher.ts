/** Gives each item its own result, although items are handled in batches. */
export interface Batcher<T, R> {
  add(item: T): Promise<R>
  /** Resolves once nothing waits and nothing is under way. */
  idle(): Promise<void>
}

/**
 * Groups work without ever waiting on a timer: what arrives in one turn of the event loop, or while a batch
 * is under way, becomes the next batch. One batch runs at a time, so order is kept.
 *
 * @param run handles a batch and returns one result per item, in order; a settled result fails one item, a
 *   rejection fails the whole batch
 * @param maxSize the most items in one batch
 */
export function createBatcher<T, R>(
  run: (items: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>,
  { maxSize }: { maxSize: number },
): Batcher<T, R> {
  let waiting: { item: T; settled: PromiseWithResolvers<R> }[] = []
  let running: Promise<void> | undefined

  async function drain(): Promise<void> {
    // With a synchronous store nothing arrives during a batch, so the rest of this turn is collected first.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxSize)
      waiting = waiting.slice(maxSize)
      try {
        const results = await run(batch.map(({ item }) => item))
        batch.forEach(({ settled }, index) => {
          const result = results[index]
          if (result?.status === 'fulfilled') settled.resolve(result.value)
          else settled.reject(result?.reason ?? new Error('the batch has no result for this item'))
        })
      } catch (error) {
        for (const { settled } of batch) settled.reject(error)
      }
      await new Promise(setImmediate)
    }
    running = undefined
  }

  return {
    add(item) {
      const settled = Promise.withResolvers<R>()
      waiting.push({ item, settled })
      running ??= drain()
      return settled.promise
    },
    async idle() {
      await running
    },
  }
}
