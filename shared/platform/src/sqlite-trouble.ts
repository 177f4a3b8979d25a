import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { guardStore } from './guard-store.ts'
import type { Logger } from './log.ts'
import { ParleyError } from './parley-error.ts'
import { isDamage, remedyOfDamage } from './sqlite-damage.ts'
import type { SqliteDatabase } from './sqlite.ts'
import { OwnError } from './own-error.ts'

/**
 * What to do while a database file cannot be written.
 *
 * Guarantees: a write that found no room is refused as `unavailable` (503, try again) and was not stored; reading
 * goes on; nothing has to be restarted once there is room again. The log says it once, and again every minute, however
 * many writes are refused. A file that turns out to be damaged is told of in the same way, until it is another one.
 */
export interface SqliteTrouble {
  /** A store that rejects with `unavailable` what cannot be written right now. */
  guard<S extends object>(store: S): S
  /** @throws while the file cannot be written, or since it is known to be damaged */
  check(): void
  close(): void
}

/** By SQLite's primary result codes; what is not here is no passing trouble, such as a file that is damaged. */
const reasons: Readonly<Record<number, string>> = {
  5: 'another program holds the database',
  8: 'the file is read-only',
  10: 'the disk fails, or is full',
  13: 'the disk is full',
  14: 'the file cannot be opened',
}

/** Why SQLite cannot write, in words; undefined when an error says something else. */
export function sqliteTroubleOf(error: unknown): string | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  // An extended code has the primary one in its lowest byte.
  return typeof errcode === 'number' ? reasons[errcode & 0xff] : undefined
}

const probeMs = 1_000
const repeatMs = 60_000

export function watchSqliteTrouble({
  database,
  file,
  logger,
}: {
  database: SqliteDatabase
  file: string
  /** None in tools and tests, which tell by themselves. */
  logger?: Logger | undefined
}): SqliteTrouble {
  let reason: string | undefined
  let probing: NodeJS.Timeout | undefined
  let damage: string | undefined
  let saidAt = -Infinity
  let told = false

  function begin(what: string, error: unknown): void {
    reason = what
    probing ??= setInterval(probe, probeMs).unref()
    if (performance.now() - saidAt < repeatMs) return
    saidAt = performance.now()
    told = true
    const whatToDo = 'make room or let it be written: Parley goes on by itself'
    logger?.error(
      { err: error, file, freeBytes: freeBytesAt(file) },
      `nothing can be stored, because ${what}; what is stored can be read; ${whatToDo}`,
    )
  }

  function noteDamage(error: unknown): ParleyError {
    if (damage === undefined || performance.now() - saidAt >= repeatMs) {
      saidAt = performance.now()
      logger?.error({ err: error, file }, `the database is damaged: ${remedyOfDamage}`)
    }
    damage = (error as Error).message
    return new ParleyError('internal', { cause: error, logged: true })
  }

  /** Writes what is there already: a real write, which changes nothing. */
  function probe(): void {
    try {
      const version = Number(database.durable.prepare('PRAGMA user_version').get()?.['user_version'])
      database.durable.exec(`PRAGMA user_version = ${version}`)
    } catch {
      return
    }
    stop()
    if (!told) return
    told = false
    logger?.warn({ file, freeBytes: freeBytesAt(file) }, 'the database can be written again')
  }

  function stop(): void {
    clearInterval(probing)
    probing = undefined
    reason = undefined
  }

  function explain(error: unknown): unknown {
    if (isDamage(error)) return noteDamage(error)
    const what = sqliteTroubleOf(error)
    if (what === undefined) return error
    begin(what, error)
    return new ParleyError('unavailable', {
      detail: 'Nothing can be stored right now; what is stored can be read.',
      retryAfterSeconds: 2,
      cause: error,
      logged: true,
    })
  }

  return {
    guard: (store) => guardStore(store, explain),
    check() {
      if (damage !== undefined) throw new OwnError(`${file} is damaged: ${damage}`)
      if (reason !== undefined) throw new OwnError(`${file} cannot be written: ${reason}`)
    },
    close: stop,
  }
}

function freeBytesAt(file: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize
  } catch {
    return undefined
  }
}
