import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { syncPath } from '@parley/platform/secrets/sync-path.ts'
import { countData, countsInWords } from '../count-data.ts'
import { databases, secrets } from '../data-folder.ts'
import { OwnError } from '@parley/platform/own-error.ts'

/** What was asked for cannot be done; the message says why. */
export class BackupError extends OwnError {}

/** chat before auth: whoever is in a conversation of the backup is then among its users. */
const inOrder = databases.toReversed()

/**
 * Copies databases and keys into a new folder, while others may work on them. Each database is copied at one moment
 * (`VACUUM INTO` holds up no writer, and nothing that was deleted is in the copy). The folder has its name only once
 * everything is in it and on the disk. Returns what was done, in words.
 * @throws BackupError
 */
export function backUp({ from, to }: { from: string; to: string }): string {
  if (existsSync(to)) throw new BackupError(`${to} is there already: choose a new folder`)
  for (const name of databases) {
    if (!existsSync(join(from, name))) throw new BackupError(`${from} holds no data of Parley (no ${name})`)
  }
  const partial = `${to}.partial`
  rmSync(partial, { recursive: true, force: true })
  // Whoever reads these can read all messages, and sign tokens.
  process.umask(0o077)
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  try {
    for (const name of inOrder) copyDatabase(join(from, name), join(partial, name))
    for (const name of secrets) {
      if (existsSync(join(from, name))) copyFileSync(join(from, name), join(partial, name))
    }
    for (const name of [...databases, ...secrets]) {
      if (existsSync(join(partial, name))) syncPath(join(partial, name))
    }
    renameSync(partial, to)
    syncPath(join(to, '..'))
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw error
  }
  return `backed up ${countsInWords(countData({ file: (name) => join(to, name) }))} and the keys to ${to}`
}

function copyDatabase(from: string, to: string): void {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 })
  try {
    source.prepare('VACUUM INTO ?').run(to)
  } finally {
    source.close()
  }
}
