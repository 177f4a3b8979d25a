import { setTimeout as sleep } from 'node:timers/promises'

const timeoutMs = 30_000

/** The sweep takes what a crash or an outage left behind a moment later. Resolves to what it did not take. */
export async function waitUntilPublished(countPending: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const pending = await countPending()
    if (pending === 0 || performance.now() > deadline) return pending
    await sleep(100)
  }
}
