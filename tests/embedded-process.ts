import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The embedded mode as users run it: a process of its own. */
export interface EmbeddedProcess {
  readonly url: string
  /** Where its metrics are. */
  readonly metrics: string
  readonly pid: number
  /** How it ended, once it has. */
  readonly ended: Promise<ProcessEnd>
  /** What it wrote to stderr so far. */
  stderr(): string
  /** Sends a signal, waits for the end, and tells how it ended. */
  end(signal: NodeJS.Signals): Promise<ProcessEnd>
}

export interface EmbeddedOptions {
  readonly dataFolder: string
  /** 0, the default, for any free one. */
  readonly port?: number
  readonly demo?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Cheap password hashes, and no limit on what one address or one user does that would end a test early. */
const testSettings = {
  BCRYPT_COST: '4',
  AUTH_ATTEMPTS_PER_ADDRESS: '100000',
  REGISTRATIONS_PER_ADDRESS: '100000',
  LOGINS_MAX_WAITING: '1000',
  SENDS_PER_SECOND: '100000',
  SENDS_BURST: '100000',
  SEND_BYTES_PER_HOUR: '1000000000000',
  READS_PER_SECOND: '100000',
  READS_BURST: '100000',
  REFRESHES_PER_MINUTE: '100000',
  NO_COLOR: '1',
}

export function spawnEmbedded(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, ['services/standalone/src/main.ts', ...args], {
    env: { ...process.env, ...testSettings, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Starts the embedded mode and waits until it says that it is ready. Run from the root of the repository. */
export async function startEmbedded({
  dataFolder,
  port = 0,
  demo = false,
  env = {},
}: EmbeddedOptions): Promise<EmbeddedProcess> {
  const args = ['--json', '--port', String(port), '--data', dataFolder, ...(demo ? [] : ['--no-demo'])]
  const child = spawnEmbedded(args, env)
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = once(child, 'exit').then(([code, signal]): ProcessEnd => ({ code, signal }))
  const firstLine = once(createInterface({ input: child.stdout! }), 'line') as Promise<[string]>
  const started = await Promise.race([firstLine, ended.then(() => undefined)])
  if (started === undefined) throw new Error(`the embedded process ended at its start:\n${stderr}`)
  const { addresses } = JSON.parse(started[0]) as { addresses: { api: string; metrics: string } }

  return {
    url: addresses.api,
    metrics: addresses.metrics,
    pid: child.pid!,
    ended,
    stderr: () => stderr,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}
