import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { copyAuthToMongo } from '@parley/auth/copy-to-mongo.ts'
import { migrateAuth } from '@parley/auth/migrations.mongo.ts'
import { copyChatToMongo } from '@parley/chat/copy-to-mongo.ts'
import { migrateChat } from '@parley/chat/migrations.mongo.ts'
import { ConfigError, EXIT_CONFIG, readConfig } from '@parley/platform/config.ts'
import { errorReport } from '@parley/platform/log-errors/describe-error.ts'
import { createLogger } from '@parley/platform/log.ts'
import { CopyError } from '@parley/platform/mongo/copy-table.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { mongoUrl } from '@parley/platform/service-config.ts'
import { pino } from 'pino'
import { z } from 'zod'
import { DamagedFolderError, DataFolderInUseError, openDataFolder } from './data-folder.ts'

const usage = `Copies the data of an embedded Parley into the databases of a stack.

  npm run migrate:to-mongo -- [--data <folder>]

  --data <folder>  the data folder of the embedded Parley (default ./data), which must not be running
  --help           print this

  AUTH_MONGO_URL   database of the auth service (or AUTH_MONGO_URL_FILE)
  CHAT_MONGO_URL   database of the chat service (or CHAT_MONGO_URL_FILE)

It can be stopped and run again at any time: what is there already is not written twice, and nothing in the
target is overwritten. At the end counts and checksums of both sides are compared. The data in the folder stays as it is.
`

const config = z.object({ AUTH_MONGO_URL: mongoUrl, CHAT_MONGO_URL: mongoUrl })

/** What the command was asked cannot be done; the message says why. */
class MigrationError extends Error {}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { data: { type: 'string', default: 'data' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) return void process.stdout.write(usage)
  const { AUTH_MONGO_URL, CHAT_MONGO_URL } = readConfig(config, process.env)
  const folder = resolve(values.data)
  if (!existsSync(join(folder, 'chat.sqlite'))) throw new MigrationError(`${folder} holds no data of Parley`)

  const logger = createLogger('migrate-to-mongo', 'warn', pino.destination({ dest: 2, sync: true }))
  const data = openDataFolder(folder)
  data.requireWhole()
  const auth = await openMongo(AUTH_MONGO_URL, { logger })
  const chat = await openMongo(CHAT_MONGO_URL, { logger })
  try {
    await migrateAuth(auth, logger)
    await migrateChat(chat, logger)
    const report = [
      ...(await copyAuthToMongo({ file: data.file('auth.sqlite'), connection: auth, onProgress })),
      ...(await copyChatToMongo({ file: data.file('chat.sqlite'), connection: chat, onProgress })),
    ]
    console.table(
      Object.fromEntries(
        report.map(({ collection, copied, source, target }) => [
          collection,
          { copied, 'in the folder': source.count, 'in MongoDB': target.count, checksum: source.checksum },
        ]),
      ),
    )
    console.log('Everything is there: counts and checksums are the same on both sides.')
  } finally {
    await auth.close()
    await chat.close()
    data.unlock()
  }
}

let printedAt = 0
function onProgress(progress: { collection: string; copied: number }): void {
  if (performance.now() - printedAt < 1_000) return
  printedAt = performance.now()
  console.log(`  ${progress.collection}: ${progress.copied} …`)
}

main().catch((error: unknown) => {
  const expected = [ConfigError, CopyError, DamagedFolderError, DataFolderInUseError, MigrationError].some(
    (kind) => error instanceof kind,
  )
  process.stderr.write(`parley: ${expected ? (error as Error).message : errorReport(error)}\n`)
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1
})
