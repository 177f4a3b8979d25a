import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `check` returns without throwing, and returns what it returned. For what a test cannot await.
 * @throws the last error of `check` when it still fails after `timeoutMs`
 */
export async function eventually<R>(check: () => R | Promise<R>, timeoutMs = 5_000): Promise<R> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(10)
    }
  }
}
