import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CheckSecret } from './check-secret.ts'
import { syncPath } from './sync-path.ts'

// Imports Node and its neighbours only: the container that makes the secrets of the stack has no packages.

/** A secret that is there is none, such as an empty file. The message names the file and what to do, and no secret. */
export class SecretFileError extends Error {}

/** How a kind of secret is made, told from something else, and got rid of. */
export interface SecretKind {
  readonly create: () => string
  readonly check: CheckSecret
  /** What to do about one that is none, such as `delete it, and the next start makes another`. */
  readonly remedy: string
}

/** Who may read a file, and whose it is; only root may give it away. */
export interface FileAccess {
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Instead of `chown`, for tests that are not root. */
  readonly own?: typeof chownSync
}

/**
 * Writes a secret so that its file is whole or as before, whatever happens on the way: a full disk, `kill -9`, a power
 * cut. Readable by its owner only.
 */
export function writeSecret(
  path: string,
  text: string,
  { mode = 0o600, uid, gid, own = chownSync }: FileAccess = {},
): void {
  const unfinished = `${path}.new`
  rmSync(unfinished, { force: true })
  try {
    writeFileSync(unfinished, text, { mode, flag: 'wx', flush: true })
    if (uid !== undefined && gid !== undefined) own(unfinished, uid, gid)
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
  syncPath(dirname(path))
}

/**
 * Reads a secret, without the line end that editors leave.
 * @throws SecretFileError when what is there is none: to go on with it would let everybody in, or lock everybody out
 */
export function readSecret(path: string, { check, remedy }: Pick<SecretKind, 'check' | 'remedy'>): string {
  const text = readFileSync(path, 'utf8').trim()
  const fault = text === '' ? 'is empty' : check(text)
  if (fault !== undefined) throw new SecretFileError(`${path} ${fault}; ${remedy}`)
  return text
}

/** What the file holds; where there is none yet, it is made first. */
export function keepSecret(path: string, kind: SecretKind, access?: FileAccess): string {
  if (!existsSync(path)) writeSecret(path, `${kind.create()}\n`, access)
  return readSecret(path, kind)
}
