import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError, readConfig } from '@parley/platform/config.ts'
import { mongoUrl } from '@parley/platform/service-config.ts'
import { z } from 'zod'
import { findingCodes } from './finding.ts'

const codeWidth = Math.max(...Object.keys(findingCodes).map((code) => code.length))
const codeLines = Object.entries(findingCodes).map(
  ([code, meaning]) => `  ${code.padEnd(codeWidth)}  ${meaning}`,
)

export const usage = `Checks that what chat has stored is what chat promises, while chat is running.

  npm run verify -- [options]

  --data <folder>        the data folder of an embedded Parley (default ./data, without MONGO_URL)
  --pending-seconds <n>  how long an event may wait to be published before it counts as stuck (default 60)
  --repair               put right what follows from something that is there; without it nothing is written
  --json                 one line of JSON for each finding, and one for the summary
  --help                 print this

  MONGO_URL              database of the chat service of a stack (or MONGO_URL_FILE)

Exit codes: 0 clean, or all of it repaired; 1 findings are left; 2 could not run.

Findings:
${codeLines.join('\n')}
`

/** What was typed, or set, cannot be understood; the message says which part. */
export class UsageError extends Error {}

export interface Arguments {
  readonly database: { readonly file: string } | { readonly url: string }
  readonly pendingMs: number
  readonly repair: boolean
  readonly json: boolean
}

/** @throws UsageError @returns undefined when help was asked for */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Arguments | undefined {
  const { data, help, 'pending-seconds': pendingSeconds, ...flags } = parse(args)
  if (help) return undefined
  if (!/^\d{1,9}$/.test(pendingSeconds)) {
    throw new UsageError(`--pending-seconds must be a whole number from 0 on, not "${pendingSeconds}"`)
  }
  const pendingMs = Number(pendingSeconds) * 1_000
  const url = data === undefined ? readUrl(env) : undefined
  const database = url === undefined ? { file: join(resolve(data ?? 'data'), 'chat.sqlite') } : { url }
  return { database, pendingMs, ...flags }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        'pending-seconds': { type: 'string', default: '60' },
        repair: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function readUrl(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    return readConfig(z.object({ MONGO_URL: mongoUrl.optional() }), env).MONGO_URL
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message)
    throw error
  }
}
