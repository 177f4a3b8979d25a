import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BackupError, backUp } from './backup/back-up.ts'
import { EXIT_USAGE, fail, readArguments } from './command-line.ts'

const usage = `Backs up the data of the embedded Parley, also while it runs.

  npm run backup -- --to <folder> [--data <folder>]

  --to <folder>    a folder that is not there yet; it is as secret as the data, and only its owner can read it
  --data <folder>  where the data is kept (default ./data)
  --help           print this

npm run restore brings it back.
`

const { to, data, help } = readArguments(
  usage,
  () =>
    parseArgs({
      options: {
        to: { type: 'string' },
        data: { type: 'string', default: 'data' },
        help: { type: 'boolean', default: false },
      },
    }).values,
)
if (help) process.stdout.write(usage)
else if (to === undefined) fail(`--to is missing: where is the backup to go?\n\n${usage}`, EXIT_USAGE)
else {
  try {
    if (!existsSync(data)) throw new BackupError(`there is no ${resolve(data)}`)
    process.stdout.write(`parley: ${backUp({ from: resolve(data), to: resolve(to) })}\n`)
  } catch (error) {
    if (!(error instanceof BackupError)) throw error
    fail(error.message, 1)
  }
}
