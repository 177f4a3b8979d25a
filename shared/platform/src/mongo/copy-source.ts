import { DatabaseSync } from 'node:sqlite'
import { CopyError } from './copy-table.ts'

/**
 * Opens the database file of an embedded service, to read it only.
 * @param versions whose tables the caller knows; another one may hold more than would be copied
 * @throws CopyError when the file is of another version
 */
export function openCopySource(file: string, versions: readonly number[]): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true })
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (versions.includes(found)) return database
  database.close()
  throw new CopyError(`${file} is at version ${found}; this program copies version ${versions.join(' and ')}`)
}
