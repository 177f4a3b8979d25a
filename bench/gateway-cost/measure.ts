import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '@parley/contracts/events.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { Redis } from 'ioredis'
import type { Adapter } from './protocol.ts'
import { startWorker, type Worker } from './worker.ts'

export interface Load {
  readonly adapter: Adapter
  readonly gateways: number
  readonly users: number
  readonly perSecond: number
  readonly seconds: number
}

export interface Cost {
  /** Microseconds of CPU per message, above what the processes use when nothing is sent. */
  readonly gateways: number
  readonly redis: number
  /** Bytes that Redis sent to all gateways per message: what of the cost no other load on the machine disturbs. */
  readonly bytes: number
  /** Deliveries to clients that did not come. */
  readonly missing: number
  readonly perSecond: number
}

/** V8 compiles what ran often, so every process has to have done its work often enough before it counts. */
const warmUpMessages = 5_000
const warmUpPerSecond = 1_500
const idleSeconds = 4
/** Short enough that messages do not come in bursts, which a single gateway would handle together. */
const tickMs = 1

/** Messages between two of the users, each to one gateway only, as competing consumers of a queue get them. */
export async function measure(load: Load, { redis, url }: { redis: Redis; url: string }): Promise<Cost> {
  const gateways = Array.from({ length: load.gateways }, () => startWorker('gateway.ts'))
  const clients = startWorker('clients.ts')
  try {
    const opened = await Promise.all(
      gateways.map((gateway) => gateway.ask('open', { redisUrl: url, adapter: load.adapter })),
    )
    const users = Array.from({ length: load.users }, () => randomUUID())
    await clients.ask('connect', {
      places: users.map((userId, index) => ({ userId, url: opened[index % opened.length]!.url })),
    })
    let seq = 0
    const send = async (messages: number, perSecond: number): Promise<void> => {
      const first = seq
      const started = performance.now()
      while (seq < first + messages) {
        await sleep(tickMs)
        const due = Math.min(messages, ((performance.now() - started) / 1_000) * perSecond)
        for (; seq < first + due; seq += 1) {
          gateways[seq % gateways.length]!.tell({ do: 'deliver', event: createMessage(seq, users) })
        }
      }
    }
    const used = async () => ({
      gateways: await cpuOf(gateways),
      ...(await usedByRedis(redis)),
      at: performance.now(),
    })

    await send(warmUpMessages * load.gateways, warmUpPerSecond)
    await allArrived(clients, seq * 2)
    const idleFrom = await used()
    await sleep(idleSeconds * 1_000)
    const from = await used()
    const sentBefore = seq
    await send(load.seconds * load.perSecond, load.perSecond)
    const sentWithin = performance.now() - from.at
    const received = await allArrived(clients, seq * 2)
    const to = await used()

    const messages = seq - sentBefore
    const perMessage = (which: 'gateways' | 'redis' | 'bytes'): number => {
      const idlePerMs = (from[which] - idleFrom[which]) / (from.at - idleFrom.at)
      return (to[which] - from[which] - idlePerMs * (to.at - from.at)) / messages
    }
    return {
      gateways: perMessage('gateways'),
      redis: perMessage('redis'),
      bytes: perMessage('bytes'),
      missing: seq * 2 - received,
      perSecond: (messages / sentWithin) * 1_000,
    }
  } finally {
    for (const worker of [clients, ...gateways]) worker.end()
  }
}

function createMessage(seq: number, users: readonly string[]): Event {
  const sender = randomInt(users.length)
  const receiver = (sender + 1 + randomInt(users.length - 1)) % users.length
  const conversationId = randomUUID()
  return createEvent('chat.message-created.v1', {
    source: 'urn:parley:bench',
    subject: conversationId,
    data: {
      entry: {
        id: randomUUID(),
        conversationId,
        seq: seq + 1,
        kind: 'message-created',
        senderId: users[sender]!,
        clientId: randomUUID(),
        at: new Date().toISOString(),
        body: { text: 'A message of ordinary length, as people write them all day.' },
      },
      recipientIds: [users[sender]!, users[receiver]!],
    },
  })
}

/** Resolves to what has come when all is there, or when nothing has come for a second. */
async function allArrived(clients: Worker, expected: number): Promise<number> {
  for (let before = -1; ;) {
    const { received } = await clients.ask('count', {})
    if (received >= expected || received === before) return received
    before = received
    await sleep(1_000)
  }
}

async function cpuOf(workers: readonly Worker[]): Promise<number> {
  const answers = await Promise.all(workers.map((worker) => worker.ask('cpu', {})))
  return answers.reduce((sum, { microseconds }) => sum + microseconds, 0)
}

async function usedByRedis(redis: Redis): Promise<{ redis: number; bytes: number }> {
  const info = await redis.info('cpu', 'stats')
  const read = (name: string): number => Number(new RegExp(`^${name}:(.+)$`, 'm').exec(info)?.[1])
  return {
    redis: (read('used_cpu_user') + read('used_cpu_sys')) * 1_000_000,
    bytes: read('total_net_output_bytes'),
  }
}
