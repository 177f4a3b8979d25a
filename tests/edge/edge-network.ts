import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '@parley/testing/eventually.ts'

const run = promisify(execFile)
/** Tests that wait for nginx ask it again and again, and each request is a line. */
const maxBuffer = 64 * 1024 * 1024
/** `.ci/run` removes what is left with this label, should a test run be killed. */
const label = 'parley.test=container'
/** What the containers said, to read when a test failed. */
const logFolder = join('.ci', 'out', 'containers')

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer })
  return stdout.trim()
}

export interface EdgeContainer {
  readonly id: string
  /** The port of this machine that a port of the container is published on. */
  port(containerPort: number): Promise<number>
  /** What it wrote to stdout so far, line by line. */
  output(): Promise<string[]>
  signal(name: string): Promise<void>
  stop(): Promise<void>
}

export interface EdgeNetwork {
  /** Starts a container that answers under the name of a service (`auth`, `chat`, `realtime`). */
  startUpstream(service: string, name?: string): Promise<EdgeContainer>
  /**
   * Starts the edge as Compose does: without rights, and with nothing to write on but /tmp.
   * @param tlsFolder holds tls.crt and tls.key
   * @param env settings
   */
  startEdge(options?: { tlsFolder?: string; env?: Readonly<Record<string, string>> }): Promise<EdgeContainer>
  /** Starts it with settings that it must refuse; resolves to what it says about them. */
  refusalOfEdge(env: Readonly<Record<string, string>>): Promise<string>
  inspect(container: EdgeContainer): Promise<{ user: string; readOnly: boolean }>
  /** Removes the containers, the image and the network. */
  remove(): Promise<void>
}

/**
 * Builds the image of nginx and makes a network for it and what is behind it. By the command line, since
 * testcontainers cannot make a root file system read-only. Run from the root of the repository.
 */
export async function createEdgeNetwork(): Promise<EdgeNetwork> {
  const name = `parley-edge-${randomUUID().slice(0, 8)}`
  const containers: EdgeContainer[] = []
  await docker('build', '--quiet', '--tag', name, '--file', join('services', 'nginx', 'Dockerfile'), '.')
  await docker('network', 'create', '--label', label, name)

  async function start(...args: readonly string[]): Promise<EdgeContainer> {
    const confined = [
      '--read-only',
      '--cap-drop',
      'ALL',
      '--security-opt',
      'no-new-privileges:true',
      '--init',
    ]
    const id = await docker('run', '--detach', '--label', label, '--network', name, ...confined, ...args)
    const container: EdgeContainer = {
      id,
      async port(containerPort) {
        return Number((await docker('port', id, String(containerPort))).split(':').at(-1))
      },
      async output() {
        return (await docker('logs', id)).split('\n')
      },
      async signal(signal) {
        await docker('kill', '--signal', signal, id)
      },
      async stop() {
        await docker('stop', '--time', '1', id)
      },
    }
    containers.push(container)
    return container
  }

  return {
    async startUpstream(service, upstreamName = service) {
      const names = ['--network-alias', service, '--env', `NAME=${upstreamName}`]
      const program = `${resolve('tests', 'edge', 'upstream.mjs')}:/upstream.mjs:ro`
      const image = 'node:24-bookworm-slim'
      const container = await start(...names, '--volume', program, '--user', 'node', image, '/upstream.mjs')
      const connect = `require('net').connect(8080).on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
      await eventually(() => docker('exec', container.id, 'node', '-e', connect), 20_000)
      return container
    },
    async startEdge({ tlsFolder, env = {} } = {}) {
      const settings = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
      const tls = tlsFolder === undefined ? [] : ['--volume', `${tlsFolder}:/etc/nginx/tls:ro`]
      const ports = [8_080, 8_443, 8_081].flatMap((each) => ['--publish', `127.0.0.1::${each}`])
      const container = await start('--tmpfs', '/tmp', ...ports, ...tls, ...settings, name)
      const port = await container.port(8_080)
      await eventually(async () => {
        const { status } = await fetch(`http://127.0.0.1:${port}/healthz`)
        if (status !== 200) throw new Error(`the edge says ${status}`)
      }, 20_000)
      return container
    },
    async refusalOfEdge(env) {
      const settings = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
      try {
        await run('docker', ['run', '--rm', '--network', name, '--tmpfs', '/tmp', ...settings, name], {
          timeout: 30_000,
        })
      } catch (error) {
        return (error as { stderr: string }).stderr.trim()
      }
      throw new Error('the edge ended as if all was well')
    },
    async inspect({ id }) {
      const format = '{"user":"{{.Config.User}}","readOnly":{{.HostConfig.ReadonlyRootfs}}}'
      return JSON.parse(await docker('inspect', '--format', format, id)) as {
        user: string
        readOnly: boolean
      }
    },
    async remove() {
      mkdirSync(logFolder, { recursive: true })
      for (const { id } of containers) {
        const { stdout, stderr } = await run('docker', ['logs', id], { maxBuffer })
        appendFileSync(join(logFolder, `${name}.log`), `--- ${id.slice(0, 12)}\n${stdout}${stderr}`)
        await docker('rm', '--force', '--volumes', id)
      }
      await docker('network', 'rm', name)
      await docker('image', 'rm', name)
    },
  }
}
