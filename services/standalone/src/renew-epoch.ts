import { createMongoAuthStores } from '@parley/auth/stores.mongo.ts'
import { createMongoChatStores } from '@parley/chat/stores.mongo.ts'
import { ConfigError, EXIT_CONFIG, readConfig } from '@parley/platform/config.ts'
import { errorReport } from '@parley/platform/log-errors/describe-error.ts'
import { createLogger } from '@parley/platform/log.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { mongoUrl } from '@parley/platform/service-config.ts'
import { pino } from 'pino'
import { z } from 'zod'

const usage = `Makes the databases of a stack known as restored ones. Run it after mongorestore, before auth and chat start again.

  AUTH_MONGO_URL   database of the auth service (or AUTH_MONGO_URL_FILE)
  CHAT_MONGO_URL   database of the chat service (or CHAT_MONGO_URL_FILE)

Clients that saw later messages begin anew, and all sessions are ended: people log in again.
`

const config = z.object({ AUTH_MONGO_URL: mongoUrl, CHAT_MONGO_URL: mongoUrl })

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return void process.stdout.write(usage)
  const { AUTH_MONGO_URL, CHAT_MONGO_URL } = readConfig(config, process.env)
  const logger = createLogger('renew-epoch', 'warn', pino.destination({ dest: 2, sync: true }))
  const auth = createMongoAuthStores(await openMongo(AUTH_MONGO_URL, { logger }))
  const chat = createMongoChatStores(await openMongo(CHAT_MONGO_URL, { logger }))
  try {
    const ended = await auth.sessions.endAll(Date.now())
    const epoch = await chat.epoch.renew()
    process.stdout.write(`parley: the data has a new epoch (${epoch}), and ${ended} sessions were ended\n`)
  } finally {
    await auth.close()
    await chat.close()
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`parley: ${error instanceof ConfigError ? error.message : errorReport(error)}\n`)
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1
})
