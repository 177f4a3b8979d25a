import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BackupError } from './backup/back-up.ts'
import { restore } from './backup/restore.ts'
import { EXIT_USAGE, fail, readArguments } from './command-line.ts'
import { DamagedFolderError, DataFolderInUseError } from './data-folder.ts'

const usage = `Brings a backup of the embedded Parley back, while it does not run.

  npm run restore -- --from <folder> [--data <folder>]

  --from <folder>  what npm run backup made; it stays as it is
  --data <folder>  where the data is to be kept (default ./data)
  --help           print this

Data that is there is kept aside, not deleted. The restored data gets another epoch, so that clients that saw
later messages begin anew, and all sessions are ended: people log in again, and what they had not sent yet is sent.
`

const { from, data, help } = readArguments(
  usage,
  () =>
    parseArgs({
      options: {
        from: { type: 'string' },
        data: { type: 'string', default: 'data' },
        help: { type: 'boolean', default: false },
      },
    }).values,
)
if (help) process.stdout.write(usage)
else if (from === undefined) fail(`--from is missing: which backup?\n\n${usage}`, EXIT_USAGE)
else {
  try {
    process.stdout.write(`parley: ${await restore({ from: resolve(from), to: resolve(data) })}\n`)
  } catch (error) {
    if (error instanceof DataFolderInUseError)
      fail(`${error.message}; end it first (Ctrl-C where it runs)`, 1)
    if (!(error instanceof BackupError || error instanceof DamagedFolderError)) throw error
    fail(error.message, 1)
  }
}
