import { join } from 'node:path'
import type { ChatStores } from '@parley/chat/stores.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import type { Plan } from './plan.ts'
import { countPending, readStored } from './read-database.ts'
import { runTraffic, standardManners, type TrafficReport } from './run-traffic.ts'
import { waitUntilPublished } from './wait-until-published.ts'

export interface EmbeddedTrafficReport extends TrafficReport {
  /** Accepted messages whose event is not known to have reached every handler. */
  readonly pending: number
  readonly kills: number
  readonly exitCode: number | null
}

/**
 * Starts an embedded process of its own, plays a plan against it, and compares with its database file.
 * @param killAt shares of the plan (0 to 1) after which the process is killed with SIGKILL and started again
 */
export async function runTrafficOnEmbedded({
  plan,
  processes,
  seed,
  paceMs = 0,
  killAt,
  onProgress,
  onKill,
}: {
  plan: Plan
  processes: number
  seed: number
  paceMs?: number
  killAt: readonly number[]
  onProgress: (acked: number) => void
  onKill: (acked: number) => void
}): Promise<EmbeddedTrafficReport> {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess = await startEmbedded({ dataFolder: folder.path })
  const port = Number(new URL(server.url).port)
  const thresholds = killAt.map((share) => Math.floor(share * plan.sends.length))
  let restarting: Promise<void> = Promise.resolve()
  let kills = 0

  async function killAndRestart(): Promise<void> {
    await server.end('SIGKILL')
    server = await startEmbedded({ dataFolder: folder.path, port })
  }

  try {
    const report = await runTraffic({
      url: server.url,
      plan,
      processes,
      seed,
      manners: { ...standardManners, paceMs },
      onProgress(acked) {
        onProgress(acked)
        if (acked < (thresholds[kills] ?? Infinity)) return
        kills += 1
        onKill(acked)
        restarting = restarting.then(killAndRestart)
      },
      async readStored(userIds) {
        await restarting
        return withStores(folder.path, (stores) => readStored(stores, userIds))
      },
    })
    await restarting
    const pending = await withStores(folder.path, (stores) => waitUntilPublished(() => countPending(stores)))
    const { code } = await server.end('SIGTERM')
    return { ...report, pending, kills, exitCode: code }
  } finally {
    await server.end('SIGKILL')
    folder.remove()
  }
}

async function withStores<R>(folder: string, use: (stores: ChatStores) => Promise<R>): Promise<R> {
  const stores = openSqliteChatStores(join(folder, 'chat.sqlite'))
  try {
    return await use(stores)
  } finally {
    await stores.close()
  }
}
