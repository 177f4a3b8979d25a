import { eventLoopLookMs } from '@parley/platform/metrics.ts'
import { percentile } from '../load/histogram.ts'
import { slopeOf } from '../measure/statistics.ts'
import { countCpu, withoutDatabase } from '../measure/server-cpu.ts'
import type { System } from '../systems/system.ts'
import { standInNote, startTalking } from './one-to-one.ts'
import { durationOf, type Scenario } from './scenario.ts'

const standardRate = { embedded: 500, stack: 150 }
const partSeconds = 10
const mib = 1_024 ** 2

/** How late the event loop was since it was asked last, in milliseconds (p99); only the embedded mode can be asked. */
async function eventLoopDelay({ metrics }: System): Promise<number> {
  const answer = metrics === undefined ? '' : await (await fetch(metrics)).text()
  const seconds = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(answer)?.[1]
  return seconds === undefined ? Number.NaN : Number(seconds) * 1_000 - eventLoopLookMs
}

/**
 * The same load for ten minutes, looked at every ten seconds: memory, event-loop delay, latency and CPU over time, and
 * how fast each of them grows. One run, whatever `--runs` says. The first tenth is left out of the slopes, since a
 * process grows into its work.
 */
export const sustained: Scenario = {
  name: 'sustained',
  what: 'ten minutes of the same load: memory, event-loop delay and latency over time',
  modes: ['embedded', 'stack'],
  async measure(bench) {
    const { mode } = bench.options
    const rate = bench.options.rate ?? standardRate[mode]
    const seconds = durationOf(bench, { full: 600, short: 60 })
    const parley = await bench.openParley()
    const talking = await startTalking(bench, 'parley', parley, 'http')
    const points: Record<string, number>[] = []
    const faults: string[] = []
    await eventLoopDelay(parley)
    const began = performance.now()
    const ours = async (): Promise<number> => talking.clients.cpu()
    const { noise } = await bench.noise.around(ours, async () => {
      while ((performance.now() - began) / 1_000 < seconds) {
        const { result, cpu } = await countCpu(parley, () => talking.load(rate, partSeconds))
        const { missing, doubled, astray, delivered, latencies } = result
        if (missing + doubled + astray > 0)
          faults.push(`${missing} missing, ${doubled} doubled, ${astray} astray`)
        points.push({
          minutes: (performance.now() - began) / 60_000,
          memory: (await parley.residentBytes()) / mib,
          eventLoopP99: await eventLoopDelay(parley),
          deliveryP50: percentile(latencies.delivery, 50),
          deliveryP99: percentile(latencies.delivery, 99),
          cpu: withoutDatabase(cpu) / delivered,
        })
        const { memory, deliveryP99, eventLoopP99, cpu: each } = points.at(-1)!
        bench.say(
          `${((performance.now() - began) / 1_000).toFixed(0)} s: ${memory!.toFixed(0)} MiB, p99 ${deliveryP99!.toFixed(1)} ms, ` +
            `event loop p99 ${eventLoopP99!.toFixed(1)} ms, ${each!.toFixed(0)} µs each`,
        )
      }
    })

    const settled = points.slice(Math.ceil(points.length / 10))
    const figures = ['memory', 'eventLoopP99', 'deliveryP50', 'deliveryP99', 'cpu'] as const
    const runs = settled.map((point, index) => ({
      subject: 'parley',
      run: index + 1,
      figures: point,
      noise,
      marks: [],
      faults: index === 0 ? faults : [],
    }))
    const slopes = figures.map((figure) => {
      const slope = slopeOf(settled.map((point) => ({ x: point['minutes']!, y: point[figure]! })))
      return `${figure} grows by ${slope.toFixed(3)} per minute`
    })
    return {
      load: `${rate} messages/s for ${seconds} s, each row a median over parts of ${partSeconds} s`,
      columns: [
        { figure: 'memory', title: 'memory MiB', digits: 0 },
        { figure: 'eventLoopP99', title: 'event loop p99 ms', digits: 1 },
        { figure: 'deliveryP50', title: 'delivered p50 ms', digits: 1 },
        { figure: 'deliveryP99', title: 'p99 ms', digits: 1 },
        { figure: 'cpu', title: 'CPU µs each', digits: 0 },
      ],
      runs,
      ratios: [],
      notes: [...slopes, ...(mode === 'stack' ? [standInNote] : [])],
      series: points,
    }
  },
}
