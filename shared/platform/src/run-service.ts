import type { z } from 'zod'
import { ConfigError, EXIT_CONFIG, readConfig } from './config.ts'
import { createLogger, type Logger } from './log.ts'
import type { ServiceConfig } from './service-config.ts'
import { closeOnSignals, createShutdown, type Shutdown } from './shutdown.ts'

/**
 * Runs a service as this process: settings first, all their faults at once, before any connection; then what
 * `start` opens, which closes in reverse order on a signal. Exit codes: 0 closed, 1 failed, 78 settings.
 */
export function runService<S extends z.ZodObject>({
  name,
  schema,
  start,
}: {
  name: string
  schema: S
  start: (context: { config: z.output<S>; logger: Logger; shutdown: Shutdown }) => Promise<void>
}): void {
  let config: z.output<S> & ServiceConfig
  try {
    config = readConfig(schema, process.env) as z.output<S> & ServiceConfig
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${name}: ${error.message}\n`)
    process.exit(EXIT_CONFIG)
  }
  const logger = createLogger(name, config.LOG_LEVEL)
  const shutdown = createShutdown({ logger, deadlineMs: config.SHUTDOWN_DEADLINE_MS })
  closeOnSignals(shutdown, logger)
  start({ config, logger, shutdown }).catch(async (error: unknown) => {
    // What it waited for will not come any more.
    if (shutdown.isClosing()) return
    logger.fatal({ err: error }, 'start failed')
    await shutdown.close('start failed')
    process.exit(1)
  })
}
