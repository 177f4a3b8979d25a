import { setTimeout as sleep } from 'node:timers/promises'
import type { ComposedStack } from '../stack/composed-stack.ts'

const timeoutMs = 60_000
/** From an acknowledgement to the last socket. */
const onTheWayMs = 1_000

/** Waits until consumers have taken everything, also what waits for another try. */
export async function emptyQueues(stack: ComposedStack): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const list = ['rabbitmqctl', '--quiet', '--no-table-headers', 'list_queues', 'name', 'messages']
    const lines = (await stack.compose('exec', '-T', 'rabbitmq', ...list)).trim().split('\n')
    const filled = lines.filter((line) => !line.endsWith('\t0') && !line.startsWith('parley.dead-letters'))
    if (filled.length === 0) break
    if (performance.now() > deadline) throw new Error(`queues are not taken from: ${filled.join(', ')}`)
    await sleep(500)
  }
  await sleep(onTheWayMs)
}
