import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mongoose'
import { ConfigError, EXIT_CONFIG, readConfig } from '../config.ts'
import { createLogger, type Logger } from '../log.ts'
import { mongoUrl, serviceConfig } from '../service-config.ts'
import { openMongo } from './open-mongo.ts'
import { isOutage } from './unavailable-when-down.ts'

const migrationConfig = serviceConfig.pick({ LOG_LEVEL: true }).extend({ MONGO_URL: mongoUrl })

const startMs = 60_000
const gapMs = 500

/** Waits for a database that is just starting, but not for one that refuses us. */
async function openStarting(url: string, logger: Logger): Promise<Connection> {
  const deadline = performance.now() + startMs
  for (;;) {
    try {
      return await openMongo(url, { logger })
    } catch (error) {
      if (!isOutage(error) || performance.now() > deadline) throw error
      logger.info({ err: error }, 'MongoDB does not answer yet')
      await sleep(gapMs)
    }
  }
}

/**
 * Runs a migration as this process, on the database that `MONGO_URL` (or `MONGO_URL_FILE`) names. A database
 * that is just starting has a minute to answer. Exit codes: 0 done, 1 failed, 78 settings.
 * @param name of the service, in the log
 * @param migrate must do nothing where nothing is to be done: it runs before every start
 */
export async function runMigration({
  name,
  migrate,
}: {
  name: string
  migrate: (connection: Connection, logger: Logger) => Promise<void>
}): Promise<void> {
  let config
  try {
    config = readConfig(migrationConfig, process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${name}: ${error.message}\n`)
    process.exitCode = EXIT_CONFIG
    return
  }
  const logger = createLogger(name, config.LOG_LEVEL)
  let connection: Connection | undefined
  try {
    connection = await openStarting(config.MONGO_URL, logger)
    await migrate(connection, logger)
    logger.info('the database is up to date')
  } catch (error) {
    logger.fatal({ err: error }, 'migration failed')
    process.exitCode = 1
  } finally {
    await connection?.close()
  }
}
