import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Subject } from './subject.ts'

/** The embedded Parley in a container, with a small disk of its own. */
export interface EmbeddedSubject extends Subject {
  /** Runs a command beside Parley, on its disk; resolves to what it prints. */
  onDisk(...command: readonly string[]): Promise<string>
  /** Ends Parley at once. */
  kill(): Promise<void>
  /** Starts it, and resolves once it answers. @throws when that takes too long */
  start(): Promise<void>
  /** Every line that it has logged so far. */
  log(): Promise<string[]>
}

const run = promisify(execFile)
const project = 'parley-chaos-embedded'
const answersWithinMs = 30_000
/** From an acknowledgement to the last socket. */
const onTheWayMs = 1_000
const logFolder = join('.ci', 'out', 'stack')

/** Starts it, and waits until it answers. Run from the root of the repository. */
export async function startEmbeddedSubject(): Promise<EmbeddedSubject> {
  const port = await findFreePort()
  const options = {
    env: { ...process.env, PARLEY_PORT: String(port) },
    maxBuffer: 256 * 1024 * 1024,
    timeout: 120_000,
  }
  const file = join('tests', 'chaos', 'docker-compose.embedded.yml')
  const prefix = ['compose', '-p', project, '--project-directory', '.', '-f', file]
  const compose = async (...args: readonly string[]): Promise<string> =>
    (await run('docker', [...prefix, ...args], options)).stdout
  const down = async (): Promise<void> => void (await compose('down', '--volumes', '--timeout', '10'))
  const onDisk = (...command: readonly string[]): Promise<string> => compose('exec', '-T', 'disk', ...command)
  const url = `http://127.0.0.1:${port}`

  async function healthy(): Promise<void> {
    const deadline = performance.now() + answersWithinMs
    for (;;) {
      const response = await fetch(`${url}/readyz`).catch(() => undefined)
      if (response?.ok === true) return
      if (performance.now() > deadline) throw new Error('the embedded Parley is not ready again')
      await sleep(100)
    }
  }

  async function answers(): Promise<void> {
    const deadline = performance.now() + answersWithinMs
    while (!(await fetch(`${url}/healthz`).catch(() => undefined))?.ok) {
      if (performance.now() > deadline) throw new Error('the embedded Parley does not answer')
      await sleep(100)
    }
  }

  async function log(): Promise<string[]> {
    const text = await compose('logs', '--no-color', '--no-log-prefix', 'parley')
    return text.split('\n').filter((line) => line.startsWith('{"level"'))
  }

  async function saveLogs(): Promise<void> {
    mkdirSync(logFolder, { recursive: true })
    writeFileSync(join(logFolder, `${project}.log`), await compose('logs', '--no-color', '--timestamps'))
  }

  /** A copy, since the disk is not seen from here. */
  async function copyDatabase(name: string, folder: string): Promise<string> {
    const script = `new (require('node:sqlite').DatabaseSync)('/data/${name}').exec("VACUUM INTO '/tmp/copy'")`
    const command = `rm -f /tmp/copy && node -e "${script.replaceAll('"', '\\"')}" && cat /tmp/copy`
    const { stdout } = await run('docker', [...prefix, 'exec', '-T', 'parley', 'sh', '-c', command], {
      ...options,
      encoding: 'buffer',
    })
    const path = join(folder, name)
    writeFileSync(path, stdout)
    return path
  }

  try {
    await compose('up', '--detach')
    await answers()
  } catch (error) {
    await saveLogs()
    await down()
    throw error
  }

  return {
    url,
    onDisk,
    healthy,
    log,
    saveLogs,
    down,
    kill: async () => void (await compose('kill', '--signal', 'KILL', 'parley')),
    async start() {
      await compose('start', 'parley')
      await answers()
    },
    atRest: () => sleep(onTheWayMs),
    // Its bus is in memory: no broker delivers anything twice.
    parleyContainers: async () => [],
    unhandledErrors: async () =>
      (await log()).filter((line) => /unhandledRejection|uncaughtException/.test(line)),
    async withChatStores(use) {
      const folder = createTemporaryFolder()
      try {
        const stores = openSqliteChatStores(await copyDatabase('chat.sqlite', folder.path))
        try {
          return await use(stores)
        } finally {
          await stores.close()
        }
      } finally {
        folder.remove()
      }
    },
    async verify() {
      try {
        await compose('exec', '-T', 'parley', 'node', 'services/chat/src/verify.ts', '--data', '/data')
        return ''
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
        return `${stdout}${stderr}`.trim() || String(error)
      }
    },
  }
}

/** One that stays the same when the container is started again. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
