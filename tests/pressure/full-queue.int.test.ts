import { randomUUID } from 'node:crypto'
import { sendCommand } from '@parley/contracts/messages.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createRabbitEventBus } from '@parley/platform/rabbitmq/event-bus.rabbitmq.ts'
import { startTestChat, type TestChat } from '@parley/chat/test-chat.ts'
import { startRabbitMq, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'

const messages = 1_000
const atOnce = 50
const patienceMs = 25_000

/** RabbitMQ out of memory or disk takes nothing from publishers: it stops to read their connections. */
describe('a broker that takes nothing', () => {
  const folder = createTemporaryFolder()
  let broker: TestServer
  let chat: TestChat

  async function ctl(...args: readonly string[]): Promise<void> {
    const { exitCode, output } = await broker.container.exec(['rabbitmqctl', ...args])
    if (exitCode !== 0) throw new Error(`rabbitmqctl ${args.join(' ')}: ${output}`)
  }

  beforeAll(async () => {
    broker = await startRabbitMq()
    const bus = createRabbitEventBus({
      url: broker.url,
      name: 'pressure',
      logger: createSilentLogger(),
      metrics: createMetrics(),
      confirmTimeoutMs: 1_000,
    })
    // One person sends all of it.
    chat = await startTestChat(folder.path, bus, { SENDS_BURST: messages + 1 })
  }, 120_000)
  afterAll(async () => {
    await chat?.close()
    await broker?.stop()
    folder.remove()
  }, 60_000)

  const pending = async (): Promise<number> =>
    (await chat.stores.timeline.pending(new Date(Date.now() + 60_000).toISOString(), 2 * messages)).length

  const published = () => chat.published.filter(({ type }) => type === 'chat.message-created.v1')

  it('costs no send anything: what is accepted waits in the database, and is published later', async () => {
    const [alice, bob] = [chat.register('Alice'), chat.register('Bob')]
    const send = async (): Promise<number> => {
      const body = { to: bob.id, clientId: randomUUID(), text: 'the broker is full' }
      return (await chat.call(sendCommand, alice, { body })).status
    }
    expect(await send()).toBe(201)
    await eventually(() => expect(published()).toHaveLength(1), patienceMs)

    await ctl('set_vm_memory_high_watermark', 'absolute', '1')
    const statuses: number[] = []
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let sent = 0; sent < messages / atOnce; sent += 1) statuses.push(await send())
      }),
    )
    expect(statuses.filter((status) => status === 201)).toHaveLength(messages)
    // The first one of them may have met the broker before it closed its door.
    expect(await pending()).toBeGreaterThan(messages / 2)
    expect(published().length).toBeLessThan(messages / 2)

    await ctl('set_vm_memory_high_watermark', '0.6')
    await eventually(async () => expect(await pending()).toBe(0), patienceMs)
    await eventually(
      () => expect(new Set(published().map(({ id }) => id)).size).toBe(messages + 1),
      patienceMs,
    )
  }, 120_000)
})
