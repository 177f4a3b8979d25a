import type { Bench } from '../bench.ts'
import { runLoad } from '../measure/run-load.ts'
import type { RunRecord } from '../report/result.ts'
import type { StackSystem } from '../systems/stack.ts'
import { loadColumns, people, standInNote, startTalking } from './one-to-one.ts'
import { durationOf, type Scenario } from './scenario.ts'

const few = 2
const many = 8
const afterwards = '2 gateways, afterwards'
const standardRate = 200
/** Each gateway has to have done its work often enough before it counts. */
const warmUpEach = { full: 1_500, short: 400 }
const warmUpPerSecond = 300

/** So many runs with as many gateways as there are now. */
async function measureNow(
  bench: Bench,
  stack: StackSystem,
  subject: string,
  gateways: number,
  socketUrls: readonly string[],
): Promise<RunRecord[]> {
  const rate = bench.options.rate ?? standardRate
  const seconds = durationOf(bench, { full: 10, short: 5 })
  const warmUp = {
    messages: gateways * (bench.options.short ? warmUpEach.short : warmUpEach.full),
    perSecond: warmUpPerSecond,
  }
  const talking = await startTalking(bench, subject, stack, 'http', { warmUp, socketUrls })
  const records: RunRecord[] = []
  for (let run = 1; run <= bench.options.runs; run += 1) {
    const { outcome: _, ...record } = await runLoad(talking, {
      run,
      noise: bench.noise,
      profiled: bench.options.profile,
      load: () => talking.load(rate, seconds),
    })
    bench.say(`run ${run} of ${bench.options.runs}, ${subject}: ${record.figures['cpu']!.toFixed(1)} µs each`)
    const ofGateways = Object.entries(record.cpu ?? {})
      .filter(([name]) => name.startsWith('realtime'))
      .reduce((sum, [, microseconds]) => sum + microseconds, 0)
    records.push({ ...record, figures: { ...record.figures, gateways: ofGateways } })
  }
  await talking.clients.close()
  return records
}

/**
 * 1:1 messages by HTTP through the stack with 2 gateways, with 8 where each holds its share of the sockets, and with 8
 * where only two hold any. The six others still take their share of the queue, so a message is more often taken by a
 * gateway that has to pass it on; and each costs something by being there (connections, health checks, heartbeats),
 * which the figures `less idle` leave out. The two gateways are measured once more at the end.
 */
export const gateways: Scenario = {
  name: 'gateways',
  what: 'CPU per message with 2 and with 8 gateways, with sockets on all of them or on two only',
  modes: ['stack'],
  async measure(bench) {
    const stack = (await bench.openParley({ gateways: few })) as StackSystem
    const runs = await measureNow(bench, stack, '2 gateways', few, await stack.gatewayUrls())
    bench.say(`starts ${many - few} more gateways`)
    await stack.scale(many)
    const urls = await stack.gatewayUrls()
    runs.push(...(await measureNow(bench, stack, '8 gateways', many, urls)))
    runs.push(...(await measureNow(bench, stack, '8 gateways, sockets on 2', many, urls.slice(0, few))))
    await stack.scale(few)
    runs.push(...(await measureNow(bench, stack, afterwards, few, await stack.gatewayUrls())))
    return {
      load: `${bench.options.rate ?? standardRate} messages/s between two of ${people} people by HTTP`,
      columns: [...loadColumns(bench), { figure: 'gateways', title: 'of gateways', digits: 1 }],
      runs,
      ratios: ['8 gateways', '8 gateways, sockets on 2', afterwards].flatMap((subject) =>
        ['cpu', 'cpuLessIdle'].map((figure) => ({
          name: `CPU${figure === 'cpu' ? '' : ' less idle'}: ${subject} ÷ 2 gateways`,
          over: { subject, figure },
          under: { subject: '2 gateways', figure },
          // 3 % for each of six more.
          ...(subject === afterwards ? {} : { target: { atMost: 1 + 0.03 * (many - few) } }),
        })),
      ),
      notes: [
        'The target is 3 % for each further gateway, so 1.18 for six.',
        'They are measured one after the other, since a machine holds one stack; the two at the end tell of the drift.',
        standInNote,
      ],
    }
  },
}
