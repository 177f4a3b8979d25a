import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { countData, countsInWords } from './count-data.ts'
import { DataFolderInUseError, openDataFolder } from './data-folder.ts'

const usage = `Deletes the data of the embedded Parley, without asking; the next start begins anew.

  npm run reset -- [options]

  --data <folder>  where the data is kept (default ./data)
  --help           print this
`

/** `EX_USAGE` of sysexits.h. */
const EXIT_USAGE = 64

function reset(folder: string): string {
  if (!existsSync(folder)) return `there is nothing to delete in ${folder}`
  const data = openDataFolder(folder)
  try {
    const counts = countsInWords(countData(data))
    if (data.deleteData().length === 0) return `there is nothing to delete in ${folder}`
    return `deleted ${counts} and the keys in ${folder}`
  } finally {
    data.unlock()
  }
}

function fail(message: string, exitCode: number): never {
  process.stderr.write(`parley: ${message}\n`)
  process.exit(exitCode)
}

function readArguments(): { data: string; help: boolean } {
  try {
    return parseArgs({
      options: { data: { type: 'string', default: 'data' }, help: { type: 'boolean', default: false } },
    }).values
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`, EXIT_USAGE)
  }
}

const { data, help } = readArguments()
try {
  process.stdout.write(help ? usage : `parley: ${reset(resolve(data))}\n`)
} catch (error) {
  if (!(error instanceof DataFolderInUseError)) throw error
  fail(`${error.message}; nothing was deleted. End it first (Ctrl-C where it runs).`, 1)
}
