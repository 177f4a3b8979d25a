import type { Clients, LoadOutcome } from '../load/clients.ts'
import { percentile } from '../load/histogram.ts'
import type { RunRecord } from '../report/result.ts'
import type { System } from '../systems/system.ts'
import { marksOf, type NoiseMeter } from './noise-meter.ts'
import { countCpu, totalOf, withoutDatabase } from './server-cpu.ts'

export interface Subject {
  readonly name: string
  readonly system: System
  readonly clients: Clients
  /** CPU of the same processes when nothing happens, in microseconds per second, without the database. */
  readonly idle?: number | undefined
}

/** Above this share of its processors the generator may be what is slow. */
const busyGenerator = 0.85
const lateGeneratorMs = 20

/**
 * One run: the load on one system, with what its servers used meanwhile. Counts are per delivery to a receiver's
 * socket, or per accepted request where nothing is delivered; the copies that a sender's own sockets get are work of
 * the server but are not counted.
 */
export async function runLoad(
  { name, system, clients, idle = 0 }: Subject,
  {
    run,
    noise: meter,
    profiled = false,
    load,
  }: {
    run: number
    noise: NoiseMeter
    profiled?: boolean
    load: () => Promise<LoadOutcome>
  },
): Promise<RunRecord & { outcome: LoadOutcome }> {
  const ours = async (): Promise<number> =>
    clients.cpu() + usedHere() + (await system.cpu()).reduce((sum, { microseconds }) => sum + microseconds, 0)

  let generator = 0
  const { result, noise } = await meter.around(ours, async () => {
    if (profiled) await system.signal()
    const clientsBefore = clients.cpu()
    const counted = await countCpu(system, load)
    generator = (clients.cpu() - clientsBefore) / (counted.cpu.seconds * 1_000_000) / clients.processes
    if (profiled) await system.signal()
    return counted
  })
  const { cpu, result: outcome } = result
  const { delivery, answer, lateness } = outcome.latencies
  const each = outcome.expected > 0 ? outcome.delivered : outcome.accepted
  const lateMs = percentile(lateness, 99)

  return {
    subject: name,
    run,
    outcome,
    noise,
    figures: {
      cpu: withoutDatabase(cpu) / each,
      cpuLessIdle: (withoutDatabase(cpu) - idle * cpu.seconds) / each,
      cpuWithDatabase: totalOf(cpu) / each,
      cores: totalOf(cpu) / (cpu.seconds * 1_000_000),
      count: each,
      perSecond: each / cpu.seconds,
      deliveryP50: percentile(delivery, 50),
      deliveryP99: percentile(delivery, 99),
      deliveryMax: percentile(delivery, 100),
      answerP50: percentile(answer, 50),
      answerP99: percentile(answer, 99),
      latenessP99: lateMs,
      generator,
    },
    cpu: Object.fromEntries(Object.entries(cpu.byName).map(([of, used]) => [of, used / each])),
    marks: [
      ...marksOf(noise),
      ...(outcome.keptUp ? [] : ['not sustained: too much waited for an answer']),
      ...(generator > busyGenerator ? [`the generator was ${Math.round(generator * 100)} % busy`] : []),
      ...(lateMs > lateGeneratorMs ? [`the generator was late: p99 ${lateMs.toFixed(0)} ms`] : []),
    ],
    faults: faultsOf(outcome),
  }
}

function faultsOf(outcome: LoadOutcome): string[] {
  const { missing, doubled, astray, lost, refused } = outcome
  const refusals = Object.entries(refused).map(([why, count]) => `${count} refused with ${why}`)
  return [
    ...(missing > 0 ? [`${missing} deliveries are missing`] : []),
    ...(missing < 0 ? [`${-missing} deliveries of messages that were not accepted`] : []),
    ...(doubled > 0 ? [`${doubled} deliveries came twice to the same socket`] : []),
    ...(astray > 0 ? [`${astray} deliveries came to somebody else`] : []),
    ...(lost > 0 ? [`${lost} sockets were lost`] : []),
    ...refusals,
  ]
}

function usedHere(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
