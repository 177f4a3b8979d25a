import type { Bench } from '../bench.ts'
import type { HttpRequest } from '../load/http-calls.ts'
import type { Subject } from '../measure/run-load.ts'
import { runLoad } from '../measure/run-load.ts'
import type { Column, RunRecord } from '../report/result.ts'
import type { System } from '../systems/system.ts'

const warmUpRequests = 1_500
let seed = 0

/** Requests of one kind, and what they are called. */
export interface Requested {
  readonly name: string
  readonly requests: readonly HttpRequest[]
}

/** Requests of each kind on a schedule, the kinds in their turn, so that they meet the same machine. */
export async function measureRequests(
  bench: Bench,
  system: System,
  kinds: readonly Requested[],
  { rate, seconds, warmUp = warmUpRequests }: { rate: number; seconds: number; warmUp?: number },
): Promise<RunRecord[]> {
  const clients = await bench.openClients({
    url: system.url,
    socketUrls: [],
    people: [],
    devices: [],
    conversations: [],
  })
  const ask = (requests: readonly HttpRequest[], count: number) =>
    clients.ask({ requests, seed: (seed += 1), ratePerSecond: rate, count })
  for (const { name, requests } of kinds) {
    bench.say(`${name}: warms up`)
    const { refused } = await ask(requests, warmUp)
    if (Object.keys(refused).length > 0) throw new Error(`${name} was answered ${JSON.stringify(refused)}`)
  }
  const records: RunRecord[] = []
  for (let run = 1; run <= bench.options.runs; run += 1) {
    for (const { name, requests } of kinds) {
      const subject: Subject = { name, system, clients }
      const { outcome: _, ...record } = await runLoad(subject, {
        run,
        noise: bench.noise,
        profiled: bench.options.profile,
        load: () => ask(requests, Math.ceil(rate * seconds)),
      })
      bench.say(`run ${run} of ${bench.options.runs}, ${name}: ${record.figures['cpu']!.toFixed(1)} µs each`)
      records.push(record)
    }
  }
  return records
}

export const requestColumns: readonly Column[] = [
  { figure: 'cpu', title: 'CPU µs each', digits: 1 },
  { figure: 'perSecond', title: 'each/s', digits: 0 },
  { figure: 'answerP50', title: 'answered p50 ms', digits: 2 },
  { figure: 'answerP99', title: 'p99 ms', digits: 1 },
]
