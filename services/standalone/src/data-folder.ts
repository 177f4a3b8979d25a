import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { refreshSecret } from '@parley/platform/secrets/check-secret.ts'
import { keepSecret } from '@parley/platform/secrets/secret-file.ts'
import { signingKey } from '@parley/platform/secrets/signing-key-pem.ts'
import { OwnError } from '@parley/platform/own-error.ts'
import { makePrivateFile } from '@parley/platform/private-file.ts'
import { countData } from './count-data.ts'

/** Another process works on this data folder. Two of them would not hear of each other's events. */
export class DataFolderInUseError extends OwnError {}

export interface DataFolder {
  /** Whether it holds data of an earlier run. */
  holdsData(): boolean
  /**
   * A database without the other would be taken for a new one: people without their messages, or messages of nobody.
   * @throws DamagedFolderError
   */
  requireWhole(): void
  /** Path of a file in the folder. */
  file(name: string): string
  /**
   * A secret that is made once and kept, readable by its owner only.
   * @throws SecretFileError when what is there is none
   */
  secret(name: SecretName): string
  /** Deletes what Parley keeps here, and nothing else. Returns the names of the files that were there. */
  deleteData(): readonly string[]
  /** Names of files that other users of this machine can read, as those of earlier releases are. */
  readableByOthers(): readonly string[]
  unlock(): void
}

/** A restore was broken off here: what is in the folder is not all from one backup. */
export class BrokenRestoreError extends OwnError {}

/** What is in the folder is not what Parley left there; the message says what, and what to do. */
export class DamagedFolderError extends OwnError {}

export const databases = ['auth.sqlite', 'chat.sqlite']
const secretKinds = { 'signing-key.pem': signingKey, 'refresh-secret': refreshSecret }
type SecretName = keyof typeof secretKinds
export const secrets: readonly string[] = Object.keys(secretKinds)
/** With a new signing key people go on as they are, with a new refresh-secret they log in again. */
const remedy = 'delete it, and the next start makes another'
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
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/**
 * Opens the embedded mode's folder for this process alone; a new one is its owner's only. The lock is one that the operating system takes
 * back, so a killed process leaves nothing behind that would have to be cleaned up.
 * @param toRestore also where a restore was broken off
 * @throws DataFolderInUseError, BrokenRestoreError, DamagedFolderError
 */
export function openDataFolder(path: string, { toRestore = false } = {}): DataFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const file = (name: string): string => join(path, name)
  const unlock = lock(file(lockFile), path)
  if (!toRestore && existsSync(file(restoringFile))) {
    unlock()
    throw new BrokenRestoreError(`a restore into ${path} was broken off: run npm run restore again`)
  }

  return {
    holdsData: () => existsSync(file(databases[0]!)),
    requireWhole() {
      const [there = '', ...others] = databases.filter((name) => existsSync(file(name)))
      const missing = databases.find((name) => name !== there)!
      // The first start was ended between the two.
      const barelyBegun = there === 'auth.sqlite' && countData({ file }).users === 0
      if (there === '' || others.length > 0 || barelyBegun) return
      throw new DamagedFolderError(
        `${path} holds ${there}, but not ${missing}, so half of the data is missing: bring it back, or restore a ` +
          'backup (npm run restore), or begin anew without what is left (npm run reset)',
      )
    },
    file,
    secret: (name) => keepSecret(file(name), { ...secretKinds[name], remedy }),
    deleteData() {
      const found = dataFiles.filter((name) => existsSync(file(name)))
      for (const name of found) rmSync(file(name))
      return found
    },
    readableByOthers: () => dataFiles.filter((name) => lets(path, 0o011) && lets(file(name), 0o044)),
    unlock,
  }
}

/** Whether the group, or all, have one of these rights. Windows has others, and says nothing here. */
function lets(path: string, rights: number): boolean {
  const { mode = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return process.platform !== 'win32' && (mode & rights) !== 0
}

function lock(file: string, folder: string): () => void {
  makePrivateFile(file)
  const held = new DatabaseSync(file)
  try {
    held.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    held.close()
    const { errcode } = error as { errcode?: unknown }
    if (errcode === SQLITE_BUSY)
      throw new DataFolderInUseError(`${folder} is in use by another Parley`, { cause: error })
    if (errcode === SQLITE_NOTADB || errcode === SQLITE_CORRUPT) {
      const what = `${file} is damaged; it holds no data, and only keeps two Parleys apart`
      throw new DamagedFolderError(`${what}: delete it while none runs on ${folder}`, { cause: error })
    }
    // Such as a folder that cannot be written, which is not somebody else's lock.
    throw error
  }
  return () => held.close()
}
