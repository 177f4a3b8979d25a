import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '@parley/testing/eventually.ts'
import type { ProcessEnd } from '../embedded-process.ts'
import { patienceMs } from './people.ts'

/** A service of the stack as a process of its own, without a container. */
export interface ServiceProcess {
  readonly origin: string
  /** Where its metrics are. */
  readonly metrics: string
  readonly ended: Promise<ProcessEnd>
  /** What it wrote so far, logs included. */
  output(): string
  end(signal: NodeJS.Signals): Promise<ProcessEnd>
}

export type Environment = Readonly<Record<string, string>>

/** Runs a script of a service. Run from the root of the repository. */
function run(script: string, env: Environment) {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const ended = once(child, 'close').then(([code, signal]): ProcessEnd => ({ code, signal }))
  return { child, ended, output: () => output }
}

/** Builds a service's collections, as every deployment does first. */
export async function migrate(service: 'auth' | 'chat', env: Environment): Promise<void> {
  const { ended, output } = run(`services/${service}/src/migrate.ts`, env)
  if ((await ended).code !== 0) throw new Error(`the migration of ${service} failed:\n${output()}`)
}

/** Starts a service and waits until it is ready. */
export async function startService(
  service: 'auth' | 'chat' | 'realtime',
  [port, metricsPort]: readonly [number, number],
  env: Environment,
): Promise<ServiceProcess> {
  const host = '127.0.0.1'
  const settings = {
    HOST: host,
    PORT: String(port),
    METRICS_HOST: host,
    METRICS_PORT: String(metricsPort),
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    ...env,
  }
  const { child, ended, output } = run(`services/${service}/src/main.ts`, settings)
  const origin = `http://${host}:${port}`
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${service} ended at its start`)
      expect((await fetch(`${origin}/readyz`)).status).toBe(200)
    }, patienceMs)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${service} is not ready:\n${output()}`, { cause: error })
  }
  return {
    origin,
    metrics: `http://${host}:${metricsPort}/metrics`,
    ended,
    output,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

/** Ports that nobody has now; a service keeps its own when it starts again. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
