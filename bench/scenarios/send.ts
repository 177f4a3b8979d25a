import type { Bench } from '../bench.ts'
import type { Via } from '../load/protocol.ts'
import { interleave, loadColumns, people, standInNote, startTalking } from './one-to-one.ts'
import { durationOf, type Scenario } from './scenario.ts'

const standardRate = { embedded: 1_000, stack: 400 }

/** Of the issue; the stack's counts at its highest sustained rate. */
const targets: Readonly<Record<'http' | 'socket', { embedded: number; stack: number }>> = {
  http: { embedded: 1.3, stack: 2 },
  socket: { embedded: 0.7, stack: 2 },
}

const cpuOf = (subject: string) => ({ subject, figure: 'cpu' })

async function measure(bench: Bench, via: 'http' | 'socket') {
  const { mode } = bench.options
  const rate = bench.options.rate ?? standardRate[mode]
  const seconds = durationOf(bench, { full: 10, short: 4 })
  const start = async (name: string, open: () => ReturnType<Bench['openParley']>, way: Via) =>
    startTalking(bench, name, await open(), way)
  const parley = await start('parley', bench.openParley, via)
  const baseline = await start('baseline', bench.openBaseline, 'http')
  const floor = await start('floor', bench.openFloor, 'not')

  const runs = await interleave(
    bench,
    [parley, baseline, floor].map((talking) => ({ talking, rate })),
    seconds,
  )
  return {
    load: `${rate} messages/s between two of ${people} people, by ${via}, ${seconds} s`,
    columns: loadColumns(bench),
    runs,
    ratios: [
      {
        name: `CPU: parley by ${via} ÷ baseline by http`,
        over: cpuOf('parley'),
        under: cpuOf('baseline'),
        target: { atMost: targets[via][mode] },
      },
      { name: 'CPU: parley ÷ floor', over: cpuOf('parley'), under: cpuOf('floor') },
      {
        name: 'p99: parley ÷ baseline',
        over: { subject: 'parley', figure: 'deliveryP99' },
        under: { subject: 'baseline', figure: 'deliveryP99' },
      },
    ],
    notes: [
      'Each message counts once, by its delivery to its receiver; parley and baseline also send a copy to the sender.',
      ...(mode === 'stack' ? [standInNote] : []),
    ],
  }
}

/**
 * A message between two people by `POST /chat`, delivered over the receiver's socket. Baseline: the same over the same
 * API. Floor: the server emits to one socket.
 */
export const sendHttp: Scenario = {
  name: 'send-http',
  what: 'server CPU and latency of a 1:1 message sent by HTTP',
  modes: ['embedded', 'stack'],
  measure: (bench) => measure(bench, 'http'),
}

/** The same by `message:send` over the sender's socket; the baseline still sends by HTTP. */
export const sendSocket: Scenario = {
  name: 'send-socket',
  what: 'server CPU and latency of a 1:1 message sent over a socket',
  modes: ['embedded', 'stack'],
  measure: (bench) => measure(bench, 'socket'),
}
