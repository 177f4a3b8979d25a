import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process works on this data folder. Two of them would not hear of each other's events. */
export class DataFolderInUseError extends Error {}

export interface DataFolder {
  /** Whether it holds data of an earlier run. */
  holdsData(): boolean
  /** Path of a file in the folder. */
  file(name: string): string
  /** A secret that is made once and kept, readable by its owner only. */
  secret(name: string, create: () => string): string
  /** Deletes what Parley keeps here, and nothing else. Returns the names of the files that were there. */
  deleteData(): readonly string[]
  unlock(): void
}

/** A restore was broken off here: what is in the folder is not all from one backup. */
export class BrokenRestoreError extends Error {}

export const databases = ['auth.sqlite', 'chat.sqlite']
export const secrets = ['signing-key.pem', 'refresh-secret']
/** All that Parley keeps in the folder. */
export const dataFiles = [
  ...databases,
  ...databases.flatMap((name) => [`${name}-wal`, `${name}-shm`]),
  ...secrets,
]
/** Is there while a restore moves files. */
export const restoringFile = 'restoring'
const lockFile = 'lock.sqlite'
const SQLITE_BUSY = 5

/**
 * Opens the embedded mode's folder for this process alone. The lock is one that the operating system takes
 * back, so a killed process leaves nothing behind that would have to be cleaned up.
 * @param toRestore also where a restore was broken off
 * @throws DataFolderInUseError, BrokenRestoreError
 */
export function openDataFolder(path: string, { toRestore = false } = {}): DataFolder {
  mkdirSync(path, { recursive: true })
  const file = (name: string): string => join(path, name)
  const unlock = lock(file(lockFile), path)
  if (!toRestore && existsSync(file(restoringFile))) {
    unlock()
    throw new BrokenRestoreError(`a restore into ${path} was broken off: run npm run restore again`)
  }

  return {
    holdsData: () => existsSync(file(databases[0]!)),
    file,
    secret(name, create) {
      if (!existsSync(file(name))) writeWhole(file(name), create())
      const secret = readFileSync(file(name), 'utf8')
      // Of an earlier release on a full disk. To sign with nothing would let everybody in.
      if (secret === '') throw new Error(`${file(name)} is empty; delete it, and all people log in again`)
      return secret
    },
    deleteData() {
      const found = dataFiles.filter((name) => existsSync(file(name)))
      for (const name of found) rmSync(file(name))
      return found
    },
    unlock,
  }
}

/** A file that is there is whole, even if the disk was full or the process ended on the way. */
function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.new`
  writeFileSync(unfinished, text, { mode: 0o600, flush: true })
  renameSync(unfinished, path)
}

function lock(file: string, folder: string): () => void {
  const held = new DatabaseSync(file)
  try {
    held.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    held.close()
    // Anything else, such as a folder that cannot be written, is not somebody else's lock.
    if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error
    throw new DataFolderInUseError(`${folder} is in use by another Parley`, { cause: error })
  }
  return () => held.close()
}
