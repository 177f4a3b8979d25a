import { execFile } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'

/** A server of the stack in a container of its own, for one suite. */
export interface TestServer {
  readonly url: string
  readonly container: StartedTestContainer
  /** Ends the container and removes it with its volumes. */
  stop(): Promise<void>
}

/** `.ci/run` removes what is left with this label, should a test run be killed. */
const label = { 'parley.test': 'container' }
/** What containers said, to read when a test failed. */
const logFolder = join('.ci', 'out', 'containers')
const startTimeoutMs = 120_000

async function start(name: string, port: number, container: GenericContainer): Promise<StartedTestContainer> {
  mkdirSync(logFolder, { recursive: true })
  const log = createWriteStream(join(logFolder, `${name}-${process.pid}-${Date.now()}.log`))
  return container
    .withExposedPorts(port)
    .withLabels(label)
    .withStartupTimeout(startTimeoutMs)
    .withLogConsumer((stream) => stream.pipe(log))
    .start()
}

/** By id: `container.stop()` does nothing for one that was stopped and started again. */
const stopper = (container: StartedTestContainer) => async (): Promise<void> => {
  await promisify(execFile)('docker', ['rm', '--force', '--volumes', container.getId()])
}

const addressOf = (container: StartedTestContainer, port: number): string =>
  `${container.getHost()}:${container.getMappedPort(port)}`

/** MongoDB without users. Add the name of a database to the URL: every suite uses one of its own. */
export async function startMongo(): Promise<TestServer> {
  const ping = 'mongosh --quiet --eval "db.adminCommand({ ping: 1 })"'
  const image = new GenericContainer('mongo:8').withWaitStrategy(Wait.forSuccessfulCommand(ping))
  const container = await start('mongo', 27_017, image)
  return { url: `mongodb://${addressOf(container, 27_017)}`, container, stop: stopper(container) }
}

export async function startRedis(): Promise<TestServer> {
  const image = new GenericContainer('redis:8').withWaitStrategy(Wait.forSuccessfulCommand('redis-cli ping'))
  const container = await start('redis', 6_379, image)
  return { url: `redis://${addressOf(container, 6_379)}`, container, stop: stopper(container) }
}

/** @param definitions what it is to take over at its start, as the stack's does; there is no `guest` then */
export async function startRabbitMq({ definitions }: { definitions?: string } = {}): Promise<TestServer> {
  // Not by asking it inside: a client that comes first makes a cookie file that the server cannot read.
  const ready = Wait.forLogMessage('Server startup complete')
  const image = new GenericContainer('rabbitmq:4-management')
    .withWaitStrategy(ready)
    .withCopyFilesToContainer([
      // As the stack has it.
      {
        source: 'deploy/compose/rabbitmq-advanced.config',
        target: '/etc/rabbitmq/advanced.config',
        mode: 0o644,
      },
    ])
    .withCopyContentToContainer(
      definitions === undefined
        ? []
        : [
            { content: definitions, target: '/etc/rabbitmq/definitions.json', mode: 0o644 },
            {
              content: 'load_definitions = /etc/rabbitmq/definitions.json\n',
              target: '/etc/rabbitmq/conf.d/30-definitions.conf',
              mode: 0o644,
            },
          ],
    )
  const container = await start('rabbitmq', 5_672, image)
  return { url: `amqp://guest:guest@${addressOf(container, 5_672)}`, container, stop: stopper(container) }
}
