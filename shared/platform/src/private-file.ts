import { closeSync, openSync } from 'node:fs'

/**
 * Makes an empty file that only its owner may read, where there is none: SQLite opens it as a new database, and gives what
 * it puts beside (`-wal`, `-shm`) the same rights. Why one cannot be made is for SQLite to say.
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch {
    // It is there, or cannot be.
  }
}
