import type { RunRecord } from '../report/result.ts'
import { marksOf } from '../measure/noise-meter.ts'
import { countCpu, withoutDatabase } from '../measure/server-cpu.ts'
import { medianOf } from '../measure/statistics.ts'
import type { EmbeddedSystem } from '../systems/embedded.ts'
import { fillSqlite } from '../systems/fill-sqlite.ts'
import type { Scenario } from './scenario.ts'

const clientsAtOnce = 1_000
const behind = 100

/**
 * A thousand clients come back in the same moment, each a hundred entries behind: each connects its socket, asks what
 * has changed and reads its timeline. Measured is the time until the last of them is complete, and server CPU for
 * each. The entries are written straight into the SQLite file. The first storm warms up and does not count.
 */
export const resyncStorm: Scenario = {
  name: 'resync-storm',
  what: '1,000 clients at once, each 100 entries behind: time until all are complete, and CPU for each',
  modes: ['embedded'],
  async measure(bench) {
    const parley = (await bench.openParley()) as EmbeddedSystem
    bench.say(`${clientsAtOnce} people join`)
    const people = await parley.createPeople(clientsAtOnce)
    await parley.restart(async () => {
      const pairs = Array.from({ length: clientsAtOnce / 2 }, (_, pair) => ({
        members: [people[2 * pair]!.id, people[2 * pair + 1]!.id] as const,
        entries: behind,
      }))
      await fillSqlite(parley.dataFolder, pairs)
    })

    const runs: RunRecord[] = []
    for (let run = 0; run <= bench.options.runs; run += 1) {
      const clients = await bench.openClients({
        url: parley.url,
        socketUrls: [],
        people,
        devices: people.map(() => 1),
        conversations: [],
      })
      const ours = async (): Promise<number> => clients.cpu() + (await parley.cpu())[0]!.microseconds
      const { result, noise } = await bench.noise.around(ours, () => countCpu(parley, () => clients.resync()))
      await clients.close()
      const { complete, failed, entries, milliseconds } = result.result
      const seconds = Math.max(...milliseconds) / 1_000
      bench.say(`run ${run} of ${bench.options.runs}: all complete after ${seconds.toFixed(2)} s`)
      if (run === 0) continue
      runs.push({
        subject: 'parley',
        run,
        noise,
        figures: {
          seconds,
          median: medianOf(milliseconds),
          cpu: withoutDatabase(result.cpu) / complete,
          cpuPerEntry: withoutDatabase(result.cpu) / entries,
        },
        marks: marksOf(noise),
        faults: [
          ...(failed > 0 ? [`${failed} clients failed`] : []),
          ...(entries === complete * behind ? [] : [`${complete * behind - entries} entries are missing`]),
        ],
      })
    }
    return {
      load: `${clientsAtOnce} clients in the same moment, each ${behind} entries behind`,
      columns: [
        { figure: 'seconds', title: 'until all are complete, s', digits: 2 },
        { figure: 'median', title: 'median ms', digits: 0 },
        { figure: 'cpu', title: 'CPU µs per client', digits: 0 },
        { figure: 'cpuPerEntry', title: 'per entry', digits: 1 },
      ],
      runs,
      ratios: [],
      notes: [],
    }
  },
}
