import { setTimeout as sleep } from 'node:timers/promises'
import { startStack, type StackContainer } from '../stack/composed-stack.ts'
import type { Plan } from './plan.ts'
import { countPending, readStored } from './read-database.ts'
import { runTraffic, standardManners, type TrafficReport } from './run-traffic.ts'
import { waitUntilPublished } from './wait-until-published.ts'

/** A server of the stack that is stopped under load and started again. */
export interface Outage {
  readonly service: string
  readonly seconds: number
}

export interface StackTrafficReport extends TrafficReport {
  readonly pending: number
  /** By container: what each gateway took from the broker, and what each chat replica stored. */
  readonly shares: Readonly<Record<string, number>>
  /** Processes of Parley that ended, or were started again, on the way. */
  readonly ended: readonly string[]
  /** Lines of the logs that tell of a rejection or an exception that nobody handled. */
  readonly unhandled: readonly string[]
  /** Seconds from the command to a stack of which everything is healthy, images built. */
  readonly startSeconds: number
}

/** How much of the plan is done when the outage begins. */
const outageAt = 0.15

/**
 * Starts the composed stack under a project name of its own, plays a plan against it through nginx, compares
 * with what MongoDB holds, and takes the stack down.
 */
export async function runTrafficOnStack({
  plan,
  processes,
  seed,
  paceMs,
  scale,
  outage,
  onProgress,
  onOutage,
}: {
  plan: Plan
  processes: number
  seed: number
  paceMs: number
  scale: Readonly<Record<string, number>>
  outage: Outage | undefined
  onProgress: (acked: number) => void
  onOutage: (what: string) => void
}): Promise<StackTrafficReport> {
  const startedAt = performance.now()
  const stack = await startStack({ project: 'parley-traffic', scale })
  const startSeconds = (performance.now() - startedAt) / 1_000
  let outageDone: Promise<void> | undefined

  async function stopAndStart({ service, seconds }: Outage): Promise<void> {
    onOutage(`stop ${service}`)
    await stack.compose('stop', service)
    await sleep(seconds * 1_000)
    await stack.compose('start', service)
    onOutage(`${service} is started again after ${seconds} s`)
  }

  try {
    const report = await runTraffic({
      url: stack.url,
      plan,
      processes,
      seed,
      manners: { ...standardManners, paceMs },
      onProgress(acked) {
        onProgress(acked)
        if (outage !== undefined && acked >= plan.sends.length * outageAt) outageDone ??= stopAndStart(outage)
      },
      async readStored(userIds) {
        await outageDone
        return stack.withChatStores((stores) => readStored(stores, userIds))
      },
    })
    const pending = await stack.withChatStores((stores) => waitUntilPublished(() => countPending(stores)))
    const containers = await stack.parleyContainers()
    return {
      ...report,
      pending,
      shares: await sharesOf(containers),
      ended: containers.filter(({ running, restarts }) => !running || restarts > 0).map(({ name }) => name),
      unhandled: await stack.unhandledErrors(),
      startSeconds,
    }
  } finally {
    await stack.saveLogs()
    await stack.down()
  }
}

async function sharesOf(containers: readonly StackContainer[]): Promise<Record<string, number>> {
  const shares: Record<string, number> = {}
  for (const { name, sumOfMetric } of containers) {
    if (name.startsWith('realtime')) {
      shares[`${name}: events from the broker`] = await sumOfMetric(
        'parley_bus_consumed_total{queue="realtime.fanout",outcome="handled"',
      )
      shares[`${name}: entries emitted`] = await sumOfMetric(
        'parley_realtime_deliveries_total{event="timeline:entry"}',
      )
    }
    if (name.startsWith('chat'))
      shares[`${name}: events published`] = await sumOfMetric(
        'parley_outbox_published_total{outbox="timeline"}',
      )
  }
  return shares
}
