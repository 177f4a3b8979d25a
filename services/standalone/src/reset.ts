import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fail, readArguments } from './command-line.ts'
import { countData, countsInWords } from './count-data.ts'
import { DamagedFolderError, DataFolderInUseError, openDataFolder } from './data-folder.ts'

const usage = `Deletes the data of the embedded Parley, without asking; the next start begins anew.

  npm run reset -- [options]

  --data <folder>  where the data is kept (default ./data)
  --help           print this
`

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

const { data, help } = readArguments(
  usage,
  () =>
    parseArgs({
      options: { data: { type: 'string', default: 'data' }, help: { type: 'boolean', default: false } },
    }).values,
)
try {
  process.stdout.write(help ? usage : `parley: ${reset(resolve(data))}\n`)
} catch (error) {
  if (error instanceof DamagedFolderError) fail(error.message, 1)
  if (!(error instanceof DataFolderInUseError)) throw error
  fail(`${error.message}; nothing was deleted. End it first (Ctrl-C where it runs).`, 1)
}
