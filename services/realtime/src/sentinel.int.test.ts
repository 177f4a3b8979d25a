import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { startRedisWithSentinels } from '@parley/platform/redis/sentinel-test-parts.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import { type Client, createEntry, type GatewayUnderTest, openGateway } from './testing/open-gateway.ts'

const failoverMs = 60_000

/** What a socket was told, and when. */
function listen(client: Client) {
  const heard = new Set<number>()
  const behind: number[] = []
  client.on('timeline:entry', ({ seq }) => heard.add(seq))
  client.on('timeline:behind', () => behind.push(performance.now()))
  return { heard, behind }
}

describe('gateways on a Redis with Sentinels', () => {
  let redis: Awaited<ReturnType<typeof startRedisWithSentinels>>
  const gateways: GatewayUnderTest[] = []
  const bus = createMemoryEventBus()
  const issuer = createTestIssuer()
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  beforeAll(async () => {
    process.on('unhandledRejection', note)
    redis = await startRedisWithSentinels()
    for (let index = 0; index < 2; index += 1)
      gateways.push(await openGateway({ redisUrl: redis.url, bus, issuer }))
    await available()
  }, 120_000)
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()))
    await bus.close()
    await redis?.remove()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
  const available = () =>
    eventually(
      () => expect(gateways.map(({ backplane }) => backplane?.available())).toEqual([true, true]),
      failoverMs,
    )

  it('go to the new master when theirs is killed, and no live socket misses anything that it is not told of', async () => {
    const [alice, bob] = [randomUUID(), randomUUID()]
    const clients = await Promise.all([
      gateways[0]!.connect(alice),
      gateways[1]!.connect(alice),
      gateways[1]!.connect(bob),
    ])
    const sockets = clients.map(listen)
    /** By seq, when each entry was there to be found by a comparison. */
    const storedAt: number[] = []
    const enough = new AbortController()
    async function keepPublishing(): Promise<void> {
      while (!enough.signal.aborted) {
        const seq = storedAt.push(performance.now()) - 1
        const entry = createEntry(seq)
        const data = { entry, recipientIds: [alice, bob] }
        const event = createEvent('chat.message-created.v1', {
          source: 'chat',
          subject: entry.conversationId,
          data,
        })
        // As the relay does it: until the bus has taken it.
        await eventually(() => bus.publish([event]), failoverMs)
        await sleep(5)
      }
    }
    const publishing = keepPublishing()
    await eventually(() => expect(storedAt.length).toBeGreaterThan(50))

    await redis.killMaster()
    await eventually(() =>
      expect(gateways.map(({ backplane }) => backplane?.available())).toEqual([false, false]),
    )
    await available()
    const before = storedAt.length
    await eventually(() => expect(storedAt.length).toBeGreaterThan(before + 50), failoverMs)
    enough.abort()
    await publishing

    const last = storedAt.length - 1
    await eventually(() => expect(sockets.map(({ heard }) => heard.has(last))).toEqual([true, true, true]))
    for (const { heard, behind } of sockets) {
      expect(behind.length).toBeGreaterThan(0)
      const missed = storedAt.filter((_, seq) => !heard.has(seq))
      expect(missed.filter((at) => at > behind.at(-1)!)).toEqual([])
    }
  }, 120_000)
})
