import { closeSync, fsyncSync, openSync } from 'node:fs'

/** What was written to a file is on the disk afterwards; of a folder, which files it has and what they are called. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
