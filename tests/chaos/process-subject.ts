import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import type { Subject } from './subject.ts'

/** The embedded Parley as users run it: a process, with a folder of its own. */
export interface ProcessSubject extends Subject {
  /** As `npm run backup`, while Parley runs. */
  backUp(name: string): Promise<void>
  /** As `npm run restore`, while it does not. */
  restore(name: string): Promise<void>
  /** Ends Parley at once, and resolves when it has ended. */
  kill(): Promise<void>
  /** Starts it at the same address, and resolves once it answers. */
  start(): Promise<void>
  /** As it runs now; another one after each start. */
  process(): EmbeddedProcess
}

const run = promisify(execFile)
const readyWithinMs = 30_000
/** From an acknowledgement to the last socket. */
const onTheWayMs = 1_000
const logFolder = join('.ci', 'out', 'stack')
/** Everybody comes from one address, and searches are none of this. */
const standardEnv = { SEARCHES_PER_USER: '100000' }

/** Starts it. Run from the root of the repository. @param settings beside those that every suite has */
export async function startProcessSubject(
  settings: Readonly<Record<string, string>> = {},
): Promise<ProcessSubject> {
  const env = { ...standardEnv, ...settings }
  const folder = createTemporaryFolder()
  const dataFolder = join(folder.path, 'data')
  let parley: EmbeddedProcess = await startEmbedded({ dataFolder, env })
  const { url } = parley
  const port = Number(new URL(url).port)
  const logs: string[] = []
  const log = (): string => [...logs, parley.stderr()].join('')

  const command = (path: string, ...args: readonly string[]) =>
    run(process.execPath, [path, '--data', dataFolder, ...args])

  async function end(signal: NodeJS.Signals): Promise<void> {
    await parley.end(signal)
    logs.push(parley.stderr())
  }

  return {
    url,
    backUp: async (name) =>
      void (await command('services/standalone/src/backup.ts', '--to', join(folder.path, name))),
    restore: async (name) =>
      void (await command('services/standalone/src/restore.ts', '--from', join(folder.path, name))),
    kill: () => end('SIGKILL'),
    process: () => parley,
    async start() {
      parley = await startEmbedded({ dataFolder, port, env })
    },
    async healthy() {
      for (const deadline = performance.now() + readyWithinMs; ;) {
        const response = await fetch(`${url}/readyz`).catch(() => undefined)
        if (response?.ok === true) return
        if (performance.now() > deadline) throw new Error('the embedded Parley is not ready again')
        await sleep(100)
      }
    },
    atRest: () => sleep(onTheWayMs),
    // Its bus is in memory: no broker delivers anything twice.
    parleyContainers: async () => [],
    unhandledErrors: async () =>
      log()
        .split('\n')
        .filter((line) => /unhandledRejection|uncaughtException/.test(line)),
    async withChatStores(use) {
      const stores = openSqliteChatStores(join(dataFolder, 'chat.sqlite'))
      try {
        return await use(stores)
      } finally {
        await stores.close()
      }
    },
    async verify() {
      try {
        await command('services/chat/src/verify.ts')
        return ''
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
        return `${stdout}${stderr}`.trim() || String(error)
      }
    },
    async saveLogs() {
      mkdirSync(logFolder, { recursive: true })
      writeFileSync(join(logFolder, 'parley-chaos-process.log'), log())
    },
    async down() {
      await end('SIGTERM')
      folder.remove()
    },
  }
}
