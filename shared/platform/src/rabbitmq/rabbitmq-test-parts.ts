import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import type { Event } from '@parley/contracts/events.ts'
import { startRabbitMq } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import amqp, { type ConfirmChannel } from 'amqplib'
import { createEvent } from '../events/create-event.ts'
import { createMetrics } from '../metrics.ts'
import { createRabbitEventBus, type RabbitEventBus } from './event-bus.rabbitmq.ts'

// What the tests on RabbitMQ are made of.

export const eventType = 'users.user-registered.v1'
export const testEvent = (firstName = 'Alice', id: string = randomUUID()): Event =>
  createEvent(eventType, {
    id,
    source: 'test',
    subject: 'user-1',
    data: { user: { id: randomUUID(), firstName, lastName: '' } },
  })
export const testEvents = (count: number) => Array.from({ length: count }, () => testEvent())
export const idsOf = (events: readonly Event[]) => events.map(({ id }) => id).toSorted()

/** How long a broker may take to do what is waited for; with restarts that is a while. */
export const patienceMs = 25_000
export const patiently = <R>(check: () => R | Promise<R>) => eventually(check, patienceMs)

type BusOptions = Partial<Parameters<typeof createRabbitEventBus>[0]>
export interface TestBus extends RabbitEventBus {
  readonly lines: Record<string, unknown>[]
  /** The value of a metric, summed over its labels. */
  metric(name: string): Promise<number>
}

/** A broker in a container, and the buses that a test opens on it. */
export async function startTestBroker() {
  const server = await startRabbitMq()
  const { url, container } = server
  const buses: RabbitEventBus[] = []

  function openBus(options: BusOptions = {}): TestBus {
    const { logger, lines } = createRecordingLogger()
    const metrics = createMetrics()
    const bus = createRabbitEventBus({ url, name: 'test', logger, metrics, ...options })
    buses.push(bus)
    return {
      ...bus,
      lines,
      async metric(name) {
        const { values } = (await metrics.registry.getSingleMetric(`parley_bus_${name}`)!.get()) ?? {}
        return values.reduce((sum, { value }) => sum + value, 0)
      },
    }
  }

  return {
    url,
    container,
    openBus,
    /** A connected bus. Without a connection publishing fails. */
    async connectedBus(options: BusOptions = {}) {
      const bus = openBus(options)
      await patiently(() => bus.publish([]))
      return bus
    },
    closeBuses: () => Promise.all(buses.splice(0).map((bus) => bus.close())),
    async ctl(...args: readonly string[]): Promise<void> {
      const { exitCode, output } = await container.exec(['rabbitmqctl', ...args])
      if (exitCode !== 0) throw new Error(`rabbitmqctl ${args.join(' ')}: ${output}`)
    },
    /** What is in each queue, by the broker's own count. */
    async counts(): Promise<Map<string, { all: number; ready: number; unacknowledged: number }>> {
      const columns = ['messages', 'messages_ready', 'messages_unacknowledged']
      const list = ['rabbitmqctl', '--quiet', '--no-table-headers', 'list_queues', 'name', ...columns]
      const { output } = await container.exec(list)
      const rows = output
        .trim()
        .split('\n')
        .map((line) => line.split('\t'))
      return new Map(
        rows.map(([name = '', ...numbers]) => {
          const [all = NaN, ready = NaN, unacknowledged = NaN] = numbers.map(Number)
          return [name, { all, ready, unacknowledged }]
        }),
      )
    },
    /** `pause` stops every process of the broker where it is; its sockets stay open and say nothing. */
    async docker(command: 'pause' | 'unpause'): Promise<void> {
      await promisify(execFile)('docker', [command, container.getId()])
    },
    /** Does something without a bus, on a connection of its own. */
    async asAdmin<R>(act: (channel: ConfirmChannel) => Promise<R> | R): Promise<R> {
      const connection = await amqp.connect(url)
      try {
        const channel = await connection.createConfirmChannel()
        const result = await act(channel)
        await channel.waitForConfirms()
        return result
      } finally {
        await connection.close()
      }
    },
    stop: () => server.stop(),
  }
}
export type TestBroker = Awaited<ReturnType<typeof startTestBroker>>

/** How many messages wait in a queue; those that a consumer holds do not count. */
export const waitingIn = (broker: TestBroker, queue: string): Promise<number> =>
  broker.asAdmin(async (channel) => (await channel.checkQueue(queue)).messageCount)
