import { Worker } from 'node:worker_threads'
import type { Logger } from './log.ts'
import { OwnError } from './own-error.ts'

/**
 * Looks whether the pages of a database file fit together, at the start and once a day. Health tells of damage until
 * somebody has brought back a backup: what is stored on top of it may be lost with it.
 */
export interface SqliteDamage {
  /** Resolves once the file was looked at for the first time. */
  readonly looked: Promise<void>
  /** @throws while the file is known to be damaged */
  check(): void
  close(): Promise<void>
}

const againMs = 86_400_000

/** SQLite's primary codes for files that hold nonsense. Anything else, such as no room, is told elsewhere. */
const damageCodes = new Set([11, 26])

/** Whether SQLite says of a file that it holds nonsense. */
export function isDamage(error: unknown): boolean {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' && damageCodes.has(errcode & 0xff)
}

/** What to do about it, for the log. */
export const remedyOfDamage = 'stop Parley, keep the folder, and restore a backup (npm run restore)'

/**
 * In a thread of its own, since it reads the whole file; as text, which runs as it stands wherever this module does.
 * It holds up no writer.
 */
const looking = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { DatabaseSync } = require('node:sqlite')
  try {
    const database = new DatabaseSync(workerData, { readOnly: true, timeout: 5000 })
    const row = database.prepare('PRAGMA quick_check(1)').get()
    database.close()
    parentPort.postMessage({ found: String(Object.values(row ?? {})[0]) })
  } catch (error) {
    parentPort.postMessage({ message: error.message, errcode: error.errcode })
  }
`

export function watchSqliteDamage({ file, logger }: { file: string; logger: Logger }): SqliteDamage {
  let damage: string | undefined
  let worker: Worker | undefined

  function note(answer: { found?: string; message?: string; errcode?: number }): void {
    if (answer.found === 'ok') return
    if (answer.found === undefined && !isDamage(answer)) {
      logger.warn({ file, reason: answer.message }, 'whether the database is damaged could not be looked at')
      return
    }
    damage = answer.found ?? answer.message
    logger.error({ file, damage }, `the database is damaged: ${remedyOfDamage}`)
  }

  function look(): Promise<void> {
    const done = Promise.withResolvers<void>()
    worker = new Worker(looking, { eval: true, workerData: file })
    worker.unref()
    worker.once('message', note)
    worker.once('error', (error) => note({ message: error.message }))
    worker.once('exit', () => done.resolve())
    return done.promise
  }

  const looked = look()
  const again = setInterval(() => void look(), againMs).unref()
  return {
    looked,
    check() {
      if (damage !== undefined) throw new OwnError(`${file} is damaged: ${damage}`)
    },
    async close() {
      clearInterval(again)
      await worker?.terminate()
    },
  }
}
