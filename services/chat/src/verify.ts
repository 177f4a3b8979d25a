import { errorReport } from '@parley/platform/log-errors/describe-error.ts'
import { createLogger } from '@parley/platform/log.ts'
import {
  type ChatData,
  ChatDataError,
  openMongoChatData,
  openSqliteChatData,
} from './verify/open-chat-data.ts'
import { createRepairFinding } from './verify/repair-finding.ts'
import { type Arguments, readArguments, usage, UsageError } from './verify/verify-arguments.ts'
import { type Progress, verifyChat } from './verify/verify-chat.ts'
import { findingLine, progressLine, summaryText } from './verify/verify-text.ts'

// The command line of the checker; what it takes is in `verify/verify-arguments.ts`.

const CLEAN = 0
const FINDINGS = 1
const COULD_NOT_RUN = 2

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Resolves to the exit code. */
async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2), process.env)
  if (args === undefined) {
    process.stdout.write(usage)
    return CLEAN
  }
  const data = await open(args)
  const { reader, repairs } = data
  try {
    const report = await verifyChat({
      reader,
      repair: repairs && createRepairFinding({ reader, repairs }),
      pendingMs: args.pendingMs,
      onFinding: (finding, repaired) =>
        print(args.json ? JSON.stringify({ finding, repaired }) : findingLine(finding, repaired)),
      onProgress,
    })
    print(args.json ? JSON.stringify({ summary: report }) : summaryText(report))
    return report.findings > report.repaired ? FINDINGS : CLEAN
  } finally {
    await data.close()
  }
}

async function open({ database, repair }: Arguments): Promise<ChatData> {
  if ('file' in database) return openSqliteChatData(database.file, { repair })
  const logger = createLogger('verify', 'error', process.stderr)
  return openMongoChatData(database.url, { repair, logger })
}

const progressGapMs = 2_000
let printedAt = performance.now()
/** On stderr, and only of what takes its time. */
function onProgress(progress: Progress): void {
  if (performance.now() - printedAt < progressGapMs) return
  printedAt = performance.now()
  process.stderr.write(`${progressLine(progress)}\n`)
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const expected = error instanceof UsageError || error instanceof ChatDataError
    process.stderr.write(`verify: ${expected ? error.message : errorReport(error)}\n`)
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`)
    process.exitCode = COULD_NOT_RUN
  },
)
