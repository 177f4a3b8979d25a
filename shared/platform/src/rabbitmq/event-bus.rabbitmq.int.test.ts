import { startRabbitMq, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { describeEventBus } from '../events/event-bus.contract.ts'
import { createMetrics } from '../metrics.ts'
import { createRabbitEventBus } from './event-bus.rabbitmq.ts'

let server: TestServer
beforeAll(async () => {
  server = await startRabbitMq()
}, 120_000)
afterAll(() => server?.stop())

describeEventBus('RabbitMQ', () =>
  createRabbitEventBus({
    url: server.url,
    name: 'test',
    logger: createSilentLogger(),
    metrics: createMetrics(),
  }),
)
