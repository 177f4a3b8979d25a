import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@parley/testing/eventually.ts'
import type { StackContainer } from '../stack/composed-stack.ts'
import type { ChaosStack } from './chaos-stack.ts'
import type { RollBack } from '../traffic/roll-back.ts'
import type { Subject } from './subject.ts'

/** Something that goes wrong with a subject, and is well again. */
export interface Fault<S extends Subject> {
  readonly name: string
  /** One line for people. */
  readonly what: string
  /** Services that start anew: the next fault waits until they are healthy. */
  readonly restarts: readonly string[]
  /** Whether people have to log in again afterwards; otherwise nobody may be logged out. */
  readonly endsSessions?: boolean
  /** Lets it happen, and resolves to what it happened to once the cause is gone (not yet its effects). */
  run(world: FaultWorld<S>): Promise<string>
}

export interface FaultWorld<S extends Subject> {
  readonly subject: S
  /** Whole numbers from 0 to `limit`, exclusive, that follow from the seed. */
  readonly below: (limit: number) => number
  /** How long a pause or a cut lasts. */
  readonly seconds: number
  /** To be called with containers that may be about to end, and their counters with them. */
  readonly beforeEnd: (containers: readonly StackContainer[]) => Promise<void>
  /** What was accepted in between may be missing from now on. */
  readonly rolledBack: (rollBack: RollBack) => void
  /** A promise that the fault itself found broken. */
  readonly note: (finding: string) => void
}

type StackFault = Fault<ChaosStack>
type StackWorld = FaultWorld<ChaosStack>

const services = ['auth', 'chat', 'realtime', 'nginx'] as const
const servers = ['mongo', 'rabbitmq', 'redis'] as const
const everything = [...services, ...servers]

async function anyOf({ subject: stack, below }: StackWorld, service: string): Promise<StackContainer> {
  const containers = (await stack.containers(service)).filter(({ running }) => running)
  return containers[below(containers.length)]!
}

const kill = (service: string): StackFault => ({
  name: `kill-${service}`,
  what: `kill -9 ${service}, and start it again up to 3 s later`,
  restarts: [service],
  async run(world) {
    const target = await anyOf(world, service)
    await world.beforeEnd([target])
    await world.subject.docker('kill', '--signal', 'KILL', target.id)
    await sleep(world.below(3_000))
    await world.subject.docker('start', target.id)
    return target.name
  },
})

/** On a busy machine the engine now and then cannot stop all processes of a container at once, and says so. */
const freeze = (stack: ChaosStack, id: string): Promise<string> =>
  eventually(() => stack.docker('pause', id), 30_000)

const pause = (service: string): StackFault => ({
  name: `pause-${service}`,
  what: `${service} hangs: nothing of it runs, and its connections stay open`,
  restarts: [],
  async run(world) {
    const { id, name } = await anyOf(world, service)
    await freeze(world.subject, id)
    await sleep(world.seconds * 1_000)
    await world.subject.docker('unpause', id)
    return name
  },
})

/** Packets vanish, without anybody being told. */
const cut = (service: string, server: (typeof servers)[number]): StackFault => ({
  name: `cut-${service}-${server}`,
  what: `no network between one ${service} and ${server}`,
  restarts: [],
  async run(world) {
    const { id, name } = await anyOf(world, service)
    const from = await world.subject.linkAddressOf(id)
    await world.subject.setLink(server, { held: true, delayMs: 0, jitterMs: 0, from })
    await sleep(world.seconds * 1_000)
    await world.subject.mendLinks()
    return name
  },
})

/** What a process had in hand dies with it: what waited for the server must come from somewhere else. */
const killWhileHanging = (service: string, server: (typeof servers)[number]): StackFault => ({
  name: `kill-${service}-while-${server}-hangs`,
  what: `${server} hangs, and kill -9 ${service} meanwhile`,
  restarts: [service],
  async run(world) {
    const { subject: stack, beforeEnd } = world
    const target = await anyOf(world, service)
    const hanging = await anyOf(world, server)
    await beforeEnd([target])
    await freeze(stack, hanging.id)
    await sleep(2_000)
    await stack.docker('kill', '--signal', 'KILL', target.id)
    await stack.docker('start', target.id)
    await stack.docker('unpause', hanging.id)
    return `${target.name}, ${hanging.name}`
  },
})

const hourMs = 3_600_000

/** The clock is set, as by somebody's mistake, a machine that wakes up, or a time server; and set right again. */
const clockSteps = (service: string): StackFault => ({
  name: `clock-${service}`,
  what: `the clock of one ${service} is an hour ahead, then an hour behind, then right`,
  restarts: [],
  async run(world) {
    const { id, name } = await anyOf(world, service)
    for (const offsetMs of [hourMs, -hourMs, 0]) {
      await world.subject.docker('exec', id, 'sh', '-c', `echo ${offsetMs} > /tmp/clock-offset`)
      if (offsetMs !== 0) await sleep(world.seconds * 1_000)
    }
    return name
  },
})

const slowNetwork: StackFault = {
  name: 'slow-network',
  what: 'everything that passes a link takes 20 to 100 ms',
  restarts: [],
  async run({ subject: stack, seconds }) {
    for (const link of ['edge', ...servers] as const)
      await stack.setLink(link, { held: false, delayMs: 20, jitterMs: 80 })
    await sleep(seconds * 1_000)
    await stack.mendLinks()
    return 'all links'
  },
}

const rollingRestart: StackFault = {
  name: 'rolling-restart',
  what: 'SIGTERM to each container of each service, one after the other, each started again',
  restarts: [],
  async run({ subject: stack, beforeEnd }) {
    for (const service of services) {
      for (const target of await stack.containers(service)) {
        await beforeEnd([target])
        await stack.docker('restart', target.id)
        await stack.healthy([service])
      }
    }
    return 'auth, chat, realtime, nginx'
  },
}

const scaleRealtime: StackFault = {
  name: 'scale-realtime',
  what: 'the gateways become 1, then 3, then 2, and 3 again',
  restarts: [],
  async run({ subject: stack, beforeEnd }) {
    for (const realtime of [1, 3, 2, 3]) {
      await beforeEnd(await stack.containers('realtime'))
      await stack.scale({ realtime })
    }
    return 'realtime 1, 3, 2, 3'
  },
}

export const stackFaults: readonly StackFault[] = [
  ...everything.map(kill),
  ...everything.map(pause),
  cut('realtime', 'redis'),
  cut('chat', 'rabbitmq'),
  cut('chat', 'mongo'),
  killWhileHanging('realtime', 'redis'),
  killWhileHanging('chat', 'rabbitmq'),
  clockSteps('chat'),
  clockSteps('realtime'),
  clockSteps('auth'),
  slowNetwork,
  rollingRestart,
  scaleRealtime,
]
