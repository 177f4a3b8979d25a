import type { Bench } from '../bench.ts'
import { isSustained, searchHighest } from '../load/search-highest.ts'
import { percentile } from '../load/histogram.ts'
import { runLoad } from '../measure/run-load.ts'
import type { RunRecord } from '../report/result.ts'
import { people, standInNote, startTalking, type Talking } from './one-to-one.ts'
import { durationOf, type Scenario } from './scenario.ts'

/** A rate counts as sustained while this holds and what waits does not grow. */
const mostP99Ms = 100
const firstRate = { embedded: 1_000, stack: 300 }

async function findHighest(bench: Bench, talking: Talking, first: number, seconds: number) {
  async function isKeptUp(rate: number): Promise<boolean> {
    const outcome = await talking.load(rate, seconds)
    const p99 = percentile(outcome.latencies.delivery, 99)
    const sustained = outcome.missing === 0 && isSustained(outcome, p99, mostP99Ms, seconds)
    bench.say(
      `${talking.name}: ${rate.toFixed(0)}/s ${sustained ? 'is sustained' : 'is too much'}, p99 ${p99.toFixed(0)} ms`,
    )
    return sustained
  }
  // A single stall of the machine is not a limit of the server, so what fails is tried once more.
  return searchHighest(
    first,
    bench.options.short ? 0.15 : 0.07,
    async (rate) => (await isKeptUp(rate)) || (await isKeptUp(rate)),
  )
}

async function once(bench: Bench, talking: Talking, run: number, rate: number, seconds: number) {
  const { outcome: _, ...record } = await runLoad(talking, {
    run,
    noise: bench.noise,
    profiled: bench.options.profile,
    load: () => talking.load(rate, seconds),
  })
  return record
}

/**
 * The highest rate of 1:1 messages by HTTP that is sustained: p99 of the delivery under 100 ms, nothing lost or
 * refused, and no backlog that grows. Then the cost at that rate, and the latency of Parley at half of it beside that
 * of the baseline at the same rate. On a machine where clients and servers share the processors, the rate is that of
 * both together; the cost per message is not. The baseline's cost is that at its own highest rate, where it is lowest,
 * and beside it that at Parley's.
 */
export const maxRate: Scenario = {
  name: 'max-rate',
  what: 'the highest sustained rate, the CPU per message there, and the p99 at half of it',
  modes: ['embedded', 'stack'],
  async measure(bench) {
    const { options } = bench
    const { mode } = options
    const seconds = durationOf(bench, { full: 8, short: 4 })
    const parley = await startTalking(bench, 'parley', await bench.openParley(), 'http')
    const baseline = await startTalking(bench, 'baseline', await bench.openBaseline(), 'http')
    const runs: RunRecord[] = []
    for (let run = 1; run <= options.runs; run += 1) {
      const highest = await findHighest(bench, parley, options.rate ?? firstRate[mode], seconds)
      const highestOfBaseline = await findHighest(bench, baseline, firstRate.embedded, seconds)
      if (highest === 0 || highestOfBaseline === 0)
        throw new Error('no rate was sustained: this machine is too busy now')
      const places = [
        { subject: 'parley', talking: parley, rate: highest },
        { subject: 'baseline', talking: baseline, rate: highestOfBaseline },
        { subject: "baseline at parley's", talking: baseline, rate: highest },
        { subject: 'parley at half', talking: parley, rate: highest / 2 },
        { subject: 'baseline at that half', talking: baseline, rate: highest / 2 },
      ]
      for (const { subject, talking, rate } of places) {
        const record = await once(bench, talking, run, rate, seconds)
        runs.push({ ...record, subject, figures: { ...record.figures, rate } })
      }
    }
    return {
      load: `1:1 messages between ${people} people by HTTP, each rate for ${seconds} s`,
      columns: [
        { figure: 'rate', title: 'messages/s', digits: 0 },
        { figure: 'cpu', title: 'CPU µs each', digits: 1 },
        ...(mode === 'stack' ? [{ figure: 'cpuWithDatabase', title: 'with database', digits: 1 }] : []),
        { figure: 'deliveryP50', title: 'delivered p50 ms', digits: 1 },
        { figure: 'deliveryP99', title: 'p99 ms', digits: 1 },
        { figure: 'generator', title: 'generator busy', digits: 2 },
      ],
      runs,
      ratios: [
        {
          name: 'CPU: parley at its highest rate ÷ baseline at its own',
          over: { subject: 'parley', figure: 'cpu' },
          under: { subject: 'baseline', figure: 'cpu' },
          target: { atMost: mode === 'stack' ? 2 : 1.3 },
        },
        {
          name: 'CPU: parley at its highest rate ÷ baseline at the same',
          over: { subject: 'parley', figure: 'cpu' },
          under: { subject: "baseline at parley's", figure: 'cpu' },
        },
        {
          name: 'p99 at half of the highest rate: parley ÷ baseline at the same',
          over: { subject: 'parley at half', figure: 'deliveryP99' },
          under: { subject: 'baseline at that half', figure: 'deliveryP99' },
          target: { atMost: 3 },
        },
        {
          name: 'CPU at half of the highest rate: parley ÷ baseline at the same',
          over: { subject: 'parley at half', figure: 'cpu' },
          under: { subject: 'baseline at that half', figure: 'cpu' },
        },
        {
          name: 'highest rate: parley ÷ baseline',
          over: { subject: 'parley', figure: 'rate' },
          under: { subject: 'baseline', figure: 'rate' },
        },
      ],
      notes: mode === 'stack' ? [standInNote] : [],
    }
  },
}
