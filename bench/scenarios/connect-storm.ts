import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import type { Person } from '../load/protocol.ts'
import { marksOf } from '../measure/noise-meter.ts'
import { countCpu, withoutDatabase } from '../measure/server-cpu.ts'
import { medianOf } from '../measure/statistics.ts'
import type { RunRecord } from '../report/result.ts'
import type { System } from '../systems/system.ts'
import { standInNote } from './one-to-one.ts'
import type { Scenario } from './scenario.ts'

const sockets = 1_000
const warmUpSockets = 500
/** For a server to be done with the sockets of the run before. */
const afterwardsMs = 2_000

async function storm(
  bench: Bench,
  system: System,
  run: number,
  people: readonly Person[],
): Promise<RunRecord> {
  const clients = await bench.openClients({
    url: system.url,
    socketUrls: [],
    people,
    devices: people.map(() => 1),
    conversations: [],
  })
  const ours = async (): Promise<number> =>
    clients.cpu() + (await system.cpu()).reduce((sum, { microseconds }) => sum + microseconds, 0)
  let seconds = 0
  const { result, noise } = await bench.noise.around(ours, () =>
    countCpu(system, async () => {
      const began = performance.now()
      const connected = await clients.connect(people.length)
      seconds = (performance.now() - began) / 1_000
      return connected
    }),
  )
  const { failed, milliseconds } = result.result
  await clients.close()
  await sleep(afterwardsMs)
  return {
    subject: system.name,
    run,
    noise,
    figures: {
      seconds,
      cpu: withoutDatabase(result.cpu) / (people.length - failed),
      median: medianOf(milliseconds),
    },
    marks: marksOf(noise),
    faults: failed > 0 ? [`${failed} sockets could not connect`] : [],
  }
}

const ratioOf = (name: string, figure: string, under: string) => ({
  name: `${name}: parley ÷ ${under}`,
  over: { subject: 'parley', figure },
  under: { subject: under, figure },
})

/**
 * A thousand people connect in the same moment, as after a gateway was lost: the time until the last of them is let in,
 * and server CPU for each. Other people in each run, whose tokens the server has not seen before.
 */
export const connectStorm: Scenario = {
  name: 'connect-storm',
  what: '1,000 sockets at once: time until all are connected, and CPU for each',
  modes: ['embedded', 'stack'],
  async measure(bench) {
    const systems = [await bench.openParley(), await bench.openBaseline(), await bench.openFloor()]
    const people = new Map<System, Person[]>()
    for (const system of systems) {
      bench.say(`${system.name}: people join, and some connect to warm up`)
      people.set(system, await system.createPeople(warmUpSockets + bench.options.runs * sockets))
      await storm(bench, system, 0, people.get(system)!.splice(0, warmUpSockets))
    }
    const runs: RunRecord[] = []
    for (let run = 1; run <= bench.options.runs; run += 1) {
      for (const system of systems) {
        const record = await storm(bench, system, run, people.get(system)!.splice(0, sockets))
        bench.say(
          `run ${run} of ${bench.options.runs}, ${system.name}: all there after ${record.figures['seconds']!.toFixed(2)} s`,
        )
        runs.push(record)
      }
    }
    return {
      load: `${sockets} sockets in the same moment`,
      columns: [
        { figure: 'seconds', title: 'until all are in, s', digits: 2 },
        { figure: 'median', title: 'median ms', digits: 0 },
        { figure: 'cpu', title: 'CPU µs each', digits: 0 },
      ],
      runs,
      ratios: [
        ratioOf('CPU per connection', 'cpu', 'baseline'),
        ratioOf('CPU per connection', 'cpu', 'floor'),
        ratioOf('time until all are in', 'seconds', 'baseline'),
      ],
      notes: bench.options.mode === 'stack' ? [standInNote] : [],
    }
  },
}
