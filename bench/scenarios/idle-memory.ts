import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import type { RunRecord } from '../report/result.ts'
import type { System } from '../systems/system.ts'
import type { Scenario } from './scenario.ts'

const sockets = { full: 5_000, short: 1_000 }
const warmUpSockets = 200
/** For timers of the handshakes to end, and for the garbage to be gone. */
const settleMs = 5_000
const connectingAtOnce = 50

/** Bytes in RAM of a server that has nothing to do, without garbage. */
async function residentAtRest(system: System): Promise<number> {
  await sleep(settleMs)
  await system.signal()
  await sleep(settleMs / 2)
  return system.residentBytes()
}

async function once(bench: Bench, system: System, run: number, count: number): Promise<RunRecord> {
  const people = await system.createPeople(warmUpSockets + count)
  const cast = { url: system.url, socketUrls: [], conversations: [] }
  const open = (from: number, to: number) =>
    bench.openClients({
      ...cast,
      people: people.slice(from, to),
      devices: Array.from({ length: to - from }, () => 1),
    })
  // What is compiled and grown once is not of the sockets.
  const first = await open(0, warmUpSockets)
  await first.connect(connectingAtOnce)
  const others = await open(warmUpSockets, people.length)
  const { result, noise } = await bench.noise.around(
    async () => others.cpu(),
    async () => {
      const before = await residentAtRest(system)
      const { failed } = await others.connect(connectingAtOnce)
      const atOnce = await system.residentBytes()
      return { before, atOnce, after: await residentAtRest(system), failed }
    },
  )
  const { before, atOnce, after, failed } = result
  const each = (bytes: number): number => bytes / (count - failed) / 1_024
  bench.say(
    `run ${run} of ${bench.options.runs}, ${system.name}: ${each(after - before).toFixed(1)} KiB per socket`,
  )
  await Promise.all([first.close(), others.close()])
  return {
    subject: system.name,
    run,
    noise,
    figures: { idle: each(after - before), atOnce: each(atOnce - before), resident: after / 1_024 ** 2 },
    marks: [],
    faults: failed > 0 ? [`${failed} sockets could not connect`] : [],
  }
}

/**
 * Memory in RAM (RSS of the server's processes) per socket that does nothing: 5,000 of 5,000 people, after some have
 * been there before, and after a garbage collection that the bench asks for. A new process for each run, since one that
 * gave memory back keeps some of it. In the stack it is that of all of Parley's own processes together.
 */
export const idleMemory: Scenario = {
  name: 'idle-memory',
  what: 'memory per idle socket (5,000 of them), beside raw Socket.IO',
  modes: ['embedded', 'stack'],
  onSignal: { do: 'collect-garbage' },
  async measure(bench) {
    const count = bench.options.short ? sockets.short : sockets.full
    const runs: RunRecord[] = []
    for (let run = 1; run <= bench.options.runs; run += 1) {
      for (const open of [bench.openParley, bench.openFloor]) {
        const system = await open()
        runs.push(await once(bench, system, run, count))
        await system.close()
      }
    }
    return {
      load: `${count} sockets that do nothing`,
      columns: [
        { figure: 'idle', title: 'KiB per socket', digits: 1 },
        { figure: 'atOnce', title: 'before garbage collection', digits: 1 },
        { figure: 'resident', title: 'process MiB', digits: 0 },
      ],
      runs,
      ratios: [
        {
          name: 'memory per idle socket: parley ÷ floor',
          over: { subject: 'parley', figure: 'idle' },
          under: { subject: 'floor', figure: 'idle' },
          target: { atMost: 1.3 },
        },
      ],
      notes: [],
    }
  },
}
