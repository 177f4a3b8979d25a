import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ConfigError, EXIT_CONFIG, readConfig } from '@parley/platform/config.ts'
import { errorReport } from '@parley/platform/log-errors/describe-error.ts'
import { SecretFileError } from '@parley/platform/secrets/secret-file.ts'
import { z } from 'zod'
import { authConfig } from './config.ts'
import { rotateKeys } from './keys/rotate-keys.ts'

const usage = `Puts a new key in the place of the one that access tokens are signed with, while Parley runs. Nobody is logged out.

  npm run rotate-keys -- [options]

  --data <folder>      the data folder of an embedded Parley (default ./data, without SIGNING_KEY_FILE)
  --leaked             the key before is known to somebody: remove it as soon as the new one signs
  --settle <seconds>   how long it may take until everybody knows a new key (default 60)
  --help               print this

  SIGNING_KEY_FILE     the file with the key, of a stack
  ACCESS_TOKEN_SECONDS as auth has it (default 900)

The new key is published at once, signs after a minute, and the old one is removed when its last token has expired, after
another 16 minutes. It may be broken off (Ctrl-C) and run again: it goes on where it was.
`

/** `EX_USAGE` of sysexits.h. */
const EXIT_USAGE = 64

/** What was typed cannot be understood; the message says which part. */
class UsageError extends Error {}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string' },
        leaked: { type: 'boolean', default: false },
        settle: { type: 'string', default: '60' },
        help: { type: 'boolean', default: false },
      },
    })
    if (!/^\d{1,5}$/.test(values.settle)) throw new Error('--settle must be a number of seconds')
    return values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const settings = authConfig
  .pick({ ACCESS_TOKEN_SECONDS: true })
  .extend({ SIGNING_KEY_FILE: z.string().optional() })

async function main(): Promise<void> {
  const { data, leaked, settle, help } = readArguments()
  if (help) return void process.stdout.write(usage)
  const { SIGNING_KEY_FILE, ACCESS_TOKEN_SECONDS } = readConfig(settings, process.env)
  const file = data === undefined ? SIGNING_KEY_FILE : undefined
  await rotateKeys({
    file: file ?? resolve(data ?? 'data', 'signing-key.pem'),
    tokenSeconds: ACCESS_TOKEN_SECONDS,
    settleSeconds: Number(settle),
    leaked,
    say: (text) => void process.stdout.write(`rotate-keys: ${text}\n`),
    wait: (milliseconds) => sleep(milliseconds),
  })
}

main().catch((error: unknown) => {
  const expected = [UsageError, ConfigError, SecretFileError].some((kind) => error instanceof kind)
  process.stderr.write(`rotate-keys: ${expected ? (error as Error).message : errorReport(error)}\n`)
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`)
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : error instanceof ConfigError ? EXIT_CONFIG : 1
})
