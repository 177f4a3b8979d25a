import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ChatStores } from '@parley/chat/stores.ts'
import { openMongoChatStores } from '@parley/chat/stores.mongo.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'

const run = promisify(execFile)
const standardFiles = ['docker-compose.yml', join('tests', 'stack', 'docker-compose.test.yml')]
const parleyServices = ['auth', 'chat', 'realtime'] as const
const upTimeoutMs = 600_000
/** What the containers said, to read when a test failed. */
const logFolder = join('.ci', 'out', 'stack')

/** The composed stack, as `docker compose up` starts it, under a project name of its own. */
export interface ComposedStack {
  /** Where nginx answers. */
  readonly url: string
  /** Runs a `docker compose` command on this stack; resolves to what it prints. */
  compose(...args: readonly string[]): Promise<string>
  docker(...args: readonly string[]): Promise<string>
  /** Where a port of a service is reached from here, as `host:port`. */
  addressOf(service: string, port: number): Promise<string>
  containers(service: string): Promise<StackContainer[]>
  /** The containers of Parley's own services, without nginx. */
  parleyContainers(): Promise<StackContainer[]>
  /** Lines of their logs that tell of a rejection or an exception that nobody handled. */
  unhandledErrors(): Promise<string[]>
  /** Chat's database, past the service; closed again afterwards. */
  withChatStores<R>(use: (stores: ChatStores) => Promise<R>): Promise<R>
  /** Writes the log of every container into `.ci/out/stack`. */
  saveLogs(): Promise<void>
  /** Removes its containers, networks and volumes. */
  down(): Promise<void>
}

export interface StackContainer {
  readonly id: string
  readonly name: string
  readonly running: boolean
  /** Another one after each start. */
  readonly startedAt: string
  readonly exitCode: number
  readonly restarts: number
  /** The value of each of its metrics whose name and labels begin like this, added up. */
  readonly sumOfMetric: (beginning: string) => Promise<number>
  /** The same of several, in one look. */
  readonly sumsOfMetrics: (beginnings: readonly string[]) => Promise<number[]>
}

/**
 * Builds and starts the stack, and waits until all of it is healthy. Run from the root of the repository.
 * @param scale how many containers of a service, one each by default
 * @param env settings for the compose files
 * @param files laid over those that every suite uses
 */
export async function startStack({
  project,
  scale = {},
  env = {},
  files = [],
}: {
  project: string
  scale?: Readonly<Record<string, number>>
  env?: Readonly<Record<string, string>>
  files?: readonly string[]
}): Promise<ComposedStack> {
  const options = {
    env: { ...process.env, PARLEY_PORT: '0', ...env },
    maxBuffer: 256 * 1024 * 1024,
    timeout: upTimeoutMs,
  }
  const docker = async (...args: readonly string[]): Promise<string> =>
    (await run('docker', [...args], options)).stdout
  const compose = (...args: readonly string[]): Promise<string> =>
    docker('compose', '-p', project, ...[...standardFiles, ...files].flatMap((file) => ['-f', file]), ...args)

  const down = async (): Promise<void> => void (await compose('down', '--volumes', '--timeout', '30'))

  const addressOf = async (service: string, port: number): Promise<string> =>
    (await compose('port', service, String(port))).trim().replace('0.0.0.0', '127.0.0.1')

  async function containers(service: string): Promise<StackContainer[]> {
    const ids = (await compose('ps', '--all', '--quiet', service)).split('\n').filter(Boolean)
    if (ids.length === 0) return []
    const inspected = JSON.parse(await docker('inspect', ...ids)) as {
      Id: string
      Name: string
      RestartCount: number
      State: { Running: boolean; StartedAt: string; ExitCode: number }
    }[]
    return inspected.map(({ Id: id, Name, RestartCount: restarts, State }) => {
      async function sumsOfMetrics(beginnings: readonly string[]): Promise<number[]> {
        const script = `fetch('http://127.0.0.1:9464/metrics').then((r) => r.text()).then(console.log)`
        const lines = (await docker('exec', id, 'node', '-e', script)).split('\n')
        return beginnings.map((beginning) =>
          lines
            .filter((line) => line.startsWith(beginning))
            .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
        )
      }
      return {
        id,
        name: Name.replace(`/${project}-`, ''),
        running: State.Running,
        startedAt: State.StartedAt,
        exitCode: State.ExitCode,
        restarts,
        sumsOfMetrics,
        sumOfMetric: async (beginning) => (await sumsOfMetrics([beginning]))[0]!,
      }
    })
  }

  async function saveLogs(): Promise<void> {
    mkdirSync(logFolder, { recursive: true })
    const text = await compose('logs', '--no-color', '--timestamps')
    writeFileSync(join(logFolder, `${project}.log`), text)
  }

  try {
    const scales = Object.entries(scale).flatMap(([service, count]) => ['--scale', `${service}=${count}`])
    await compose('up', '--build', '--detach', '--wait', ...scales)
  } catch (error) {
    await saveLogs()
    await down()
    throw error
  }

  return {
    url: `http://${await addressOf('nginx', 8_080)}`,
    compose,
    docker,
    addressOf,
    containers,
    parleyContainers: async () => (await Promise.all(parleyServices.map(containers))).flat(),
    async unhandledErrors() {
      const logs = await compose('logs', '--no-color', ...parleyServices)
      return logs.split('\n').filter((line) => /unhandledRejection|uncaughtException/.test(line))
    },
    async withChatStores(use) {
      const url = new URL((await compose('exec', '-T', 'chat', 'cat', '/run/secrets/mongo-url')).trim())
      url.host = await addressOf('mongo', 27_017)
      const stores = await openMongoChatStores(url.href, { logger: createSilentLogger() })
      try {
        return await use(stores)
      } finally {
        await stores.close()
      }
    },
    saveLogs,
    down,
  }
}
