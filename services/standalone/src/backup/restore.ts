import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteAuthStores } from '@parley/auth/stores.sqlite.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { syncPath } from '@parley/platform/secrets/sync-path.ts'
import { countData, countsInWords } from '../count-data.ts'
import { databases, dataFiles, openDataFolder, restoringFile } from '../data-folder.ts'
import { BackupError } from './back-up.ts'
import { errorInWords } from '@parley/platform/log-errors/describe-error.ts'

/**
 * Puts a backup into a data folder. What is there is moved aside; the restored data gets another epoch, and its
 * sessions are ended. The keys are not restored but made anew at the next start, so that no token of before is good.
 *
 * Everything is made ready first, and then moved. If it is broken off in between, a start refuses the folder, and
 * running it again puts that right. Returns what was done, in words.
 * @throws BackupError, DataFolderInUseError
 */
export async function restore({
  from,
  to,
  now = Date.now,
}: {
  from: string
  to: string
  now?: () => number
}): Promise<string> {
  for (const name of databases) {
    if (!existsSync(join(from, name))) throw new BackupError(`${from} is no backup of Parley (no ${name})`)
  }
  process.umask(0o077)
  const data = openDataFolder(to, { toRestore: true })
  try {
    const ready = data.file('restore.partial')
    rmSync(ready, { recursive: true, force: true })
    mkdirSync(ready, { mode: 0o700 })
    for (const name of databases) copyDatabase(join(from, name), join(ready, name))
    const { epoch, ended } = await makeAnew((name) => join(ready, name), now())

    const aside = newFolder(data.file(`before-restore-${stampOf(now())}`))
    writeFileSync(data.file(restoringFile), '', { flush: true })
    const kept = dataFiles.filter((name) => existsSync(data.file(name)))
    if (kept.length > 0) mkdirSync(aside, { mode: 0o700 })
    for (const name of kept) renameSync(data.file(name), join(aside, name))
    for (const name of databases) renameSync(join(ready, name), data.file(name))
    syncPath(to)
    rmSync(data.file(restoringFile))
    rmSync(ready, { recursive: true, force: true })

    const before = kept.length > 0 ? `what was there is in ${aside}` : 'nothing was there'
    return (
      `restored ${countsInWords(countData(data))} from ${from} (${before}).\n` +
      `The data has a new epoch (${epoch}), and ${ended} sessions were ended: everybody logs in again.`
    )
  } finally {
    data.unlock()
  }
}

/** With its log: where Parley was killed, as in data that was moved aside, the latest is only there. */
function copyDatabase(from: string, to: string): void {
  for (const end of ['', '-wal']) if (existsSync(from + end)) copyFileSync(from + end, to + end)
}

/** Brings copies up to date, so that they are known to be fit, and makes them other data than before. */
async function makeAnew(
  file: (name: string) => string,
  now: number,
): Promise<{ epoch: string; ended: number }> {
  for (const name of databases) checkDatabase(file(name))
  const epoch = await renewEpoch(file('chat.sqlite'))
  const ended = await endSessions(file('auth.sqlite'), now)
  for (const name of databases) syncPath(file(name))
  return { epoch, ended }
}

async function renewEpoch(file: string): Promise<string> {
  const chat = openSqliteChatStores(file)
  try {
    return await chat.epoch.renew()
  } finally {
    await chat.close()
  }
}

async function endSessions(file: string, now: number): Promise<number> {
  const auth = openSqliteAuthStores(file)
  try {
    return await auth.sessions.endAll(now)
  } finally {
    await auth.close()
  }
}

function checkDatabase(file: string): void {
  const database = new DatabaseSync(file)
  try {
    const found = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
    if (found !== 'ok') throw new BackupError(`${file} is damaged: ${String(found)}`)
  } catch (error) {
    if (error instanceof BackupError) throw error
    throw new BackupError(`${file} cannot be read: ${errorInWords(error)}`, { cause: error })
  } finally {
    database.close()
  }
}

/** Such as `20260131T093000Z`, which no file system minds. */
const stampOf = (time: number): string => new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '')

/** Two within a second must not meet. */
function newFolder(path: string): string {
  let found = path
  for (let count = 2; existsSync(found); count += 1) found = `${path}-${count}`
  return found
}
