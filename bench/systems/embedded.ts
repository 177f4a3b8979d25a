import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../tests/embedded-process.ts'
import { processCpu, residentBytes } from '../measure/proc.ts'
import { type OnSignal, preloadEnv } from '../preload/preload-env.ts'
import { registerPeople } from './register-people.ts'
import { benchSettings } from './settings.ts'
import type { System } from './system.ts'

export interface EmbeddedSystem extends System {
  readonly dataFolder: string
  /** Ends the process, lets somebody work on its data, and starts it again on the same port. */
  restart(meanwhile: () => Promise<void> | void): Promise<void>
}

/** Parley's embedded mode as a process of its own, on a data folder that is removed afterwards. */
export async function startEmbeddedSystem(
  onSignal: OnSignal | undefined,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedSystem> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  const env = { ...benchSettings, ...settings, ...preloadEnv(onSignal, 'embedded') }
  let running = await startEmbedded({ dataFolder, env })
  const port = Number(new URL(running.url).port)
  return {
    name: 'parley',
    url: running.url,
    get metrics() {
      return running.metrics
    },
    dataFolder,
    createPeople: (count) => registerPeople(running.url, count),
    cpu: async () => [{ name: 'embedded', part: 'own', microseconds: processCpu(running.pid) }],
    residentBytes: async () => residentBytes(running.pid),
    signal: async () => void process.kill(running.pid, 'SIGUSR2'),
    async restart(meanwhile) {
      await running.end('SIGTERM')
      await meanwhile()
      running = await startEmbedded({ dataFolder, port, env })
    },
    async close() {
      const { code } = await running.end('SIGTERM')
      rmSync(dataFolder, { recursive: true, force: true })
      if (code !== 0) throw new Error(`the embedded process ended with ${code}:\n${running.stderr()}`)
    },
  }
}
