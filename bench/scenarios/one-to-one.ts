import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { choosePairs, type PlanParameters } from '../load/plan.ts'
import type { Cast, Via } from '../load/protocol.ts'
import { runLoad, type Subject } from '../measure/run-load.ts'
import { countCpu, withoutDatabase } from '../measure/server-cpu.ts'
import type { Column, RunRecord } from '../report/result.ts'
import type { System } from '../systems/system.ts'

export const people = 200
const conversations = 500
/** V8 compiles what ran often, so every process has to have done its work often enough before it counts. */
const warmUpMessages = 5_000
const warmUpPerSecond = { embedded: 800, stack: 250 }
const idleSeconds = 3

/** A system with people who can talk to each other, warm. */
export interface Talking extends Subject {
  /** Messages between them, on a schedule of its own each time. */
  load(ratePerSecond: number, seconds: number): ReturnType<Subject['clients']['send']>
}

let runs = 0

/**
 * Prepares 200 people with a socket each and 500 conversations between them, each with a message in it, and warms
 * everything up. The same people and pairs for each system.
 */
export async function startTalking(
  bench: Bench,
  name: string,
  system: System,
  via: Via,
  {
    devices = Array.from({ length: people }, () => 1),
    pairs = choosePairs(1, people, conversations),
    warmUp = { messages: warmUpMessages, perSecond: warmUpPerSecond[bench.options.mode] },
    direction = 'both',
    socketUrls = [],
  }: {
    devices?: readonly number[]
    pairs?: Cast['conversations']
    warmUp?: { messages: number; perSecond: number }
    direction?: PlanParameters['direction']
    /** Where sockets go, in turn; to where requests go without any. */
    socketUrls?: readonly string[]
  } = {},
): Promise<Talking> {
  bench.say(`${name}: ${devices.length} people join`)
  const everybody = await system.createPeople(devices.length)
  const cast = { url: system.url, socketUrls, people: everybody, devices, conversations: pairs }
  const clients = await bench.openClients(cast)
  const { failed } = await clients.connect()
  if (failed > 0) throw new Error(`${failed} sockets could not connect to ${name}`)

  const order = { ids: everybody.map(({ id }) => id), devices, conversations: pairs }
  const emit = system.emit && ((sending: Parameters<typeof system.emit>[0]) => system.emit!(sending, order))
  const send = (pick: 'any' | 'in-turn', ratePerSecond: number, count: number) => {
    runs += 1
    return clients.send({ run: runs, seed: runs, via, pick, direction, ratePerSecond, count }, emit)
  }

  bench.say(`${name}: warms up`)
  await send('in-turn', warmUp.perSecond, pairs.length)
  const warm = await send('any', warmUp.perSecond, warmUp.messages)
  if (warm.missing !== 0 || warm.delivered === 0)
    throw new Error(
      `${name}: of ${warm.expected} deliveries of the warm-up ${warm.delivered} came; refused ${JSON.stringify(warm.refused)}`,
    )
  await sleep(1_000)
  const idle = showsIdle(bench)
    ? await countCpu(system, () => sleep(idleSeconds * 1_000)).then(
        ({ cpu }) => withoutDatabase(cpu) / cpu.seconds,
      )
    : undefined

  return {
    name,
    system,
    clients,
    idle,
    load: (ratePerSecond, seconds) => send('any', ratePerSecond, Math.ceil(ratePerSecond * seconds)),
  }
}

/** Each subject in its turn, so that what the machine does meanwhile meets all of them. */
export async function interleave(
  bench: Bench,
  subjects: readonly { readonly talking: Talking; readonly rate: number }[],
  seconds: number,
): Promise<RunRecord[]> {
  const records: RunRecord[] = []
  for (let run = 1; run <= bench.options.runs; run += 1) {
    for (const { talking, rate } of subjects) {
      const { outcome: _, ...record } = await runLoad(talking, {
        run,
        noise: bench.noise,
        profiled: bench.options.profile,
        load: () => talking.load(rate, seconds),
      })
      bench.say(
        `run ${run} of ${bench.options.runs}, ${talking.name}: ${record.figures['cpu']!.toFixed(1)} µs each` +
          `${record.marks.map((mark) => `; ${mark}`).join('')}${record.faults.map((fault) => `; ERROR: ${fault}`).join('')}`,
      )
      records.push(record)
    }
  }
  return records
}

/** The stack has a lot that never rests: a broker, health checks, heartbeats. */
const showsIdle = ({ options }: Bench): boolean => options.lessIdle || options.mode === 'stack'

export const loadColumns = (bench: Bench): Column[] => [
  { figure: 'cpu', title: 'CPU µs each', digits: 1 },
  ...(showsIdle(bench) ? [{ figure: 'cpuLessIdle', title: 'less idle', digits: 1 }] : []),
  ...(bench.options.mode === 'stack'
    ? [{ figure: 'cpuWithDatabase', title: 'with database', digits: 1 }]
    : []),
  { figure: 'perSecond', title: 'each/s', digits: 0 },
  { figure: 'deliveryP50', title: 'delivered p50 ms', digits: 1 },
  { figure: 'deliveryP99', title: 'p99 ms', digits: 1 },
  { figure: 'answerP99', title: 'answered p99 ms', digits: 1 },
]

export const standInNote =
  'The database of the stack is a stand-in here (DocumentDB behind a gateway), so its CPU is given apart and is in no ratio.'
