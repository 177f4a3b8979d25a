import { join } from 'node:path'
import { ConfigError, EXIT_CONFIG, readConfig } from '@parley/platform/config.ts'
import { ListenError } from '@parley/platform/http/listen.ts'
import { errorInWords, errorReport } from '@parley/platform/log-errors/describe-error.ts'
import { createLogger, logDestination } from '@parley/platform/log.ts'
import { SecretFileError } from '@parley/platform/secrets/secret-file.ts'
import { isDamage, remedyOfDamage } from '@parley/platform/sqlite-damage.ts'
import { sqliteTroubleOf } from '@parley/platform/sqlite-trouble.ts'
import { closeOnSignals, createShutdown } from '@parley/platform/shutdown.ts'
import { addressesOf, probe } from './addresses.ts'
import { banner } from './banner.ts'
import { EXIT_USAGE } from './command-line.ts'
import { standaloneConfig } from './config.ts'
import { countData } from './count-data.ts'
import {
  BrokenRestoreError,
  DamagedFolderError,
  DataFolderInUseError,
  openDataFolder,
} from './data-folder.ts'
import { demoPassword } from './demo/demo-people.ts'
import { PublicDemoError, refusePublicDemo } from './demo/public-demo.ts'
import { openBrowser } from './open-browser.ts'
import { readOptions, usage, UsageError } from './options.ts'
import { startStandalone } from './standalone.ts'
import { readWebApp } from './web-app/read-web-app.ts'

const builtWebApp = join(import.meta.dirname, '..', '..', 'web', 'dist')

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.help) return void process.stdout.write(usage)
  const config = readConfig(standaloneConfig, process.env)

  // stdout belongs to the addresses, so logs go to stderr.
  const logger = createLogger('standalone', config.LOG_LEVEL, logDestination(2, { sync: true }))
  const shutdown = createShutdown({ logger, deadlineMs: config.SHUTDOWN_DEADLINE_MS })
  closeOnSignals(shutdown, logger)

  const data = openDataFolder(options.dataFolder)
  if (options.reset) data.deleteData()
  data.requireWhole()
  const exposed = data.readableByOthers()
  if (exposed.length > 0) {
    const remedy = `chmod -R go-rwx ${options.dataFolder}`
    process.stderr.write(
      `parley: others on this machine can read ${exposed.join(', ')}; to end that: ${remedy}\n`,
    )
  }
  const found = data.holdsData() ? countData(data) : null
  const webApp = readWebApp(builtWebApp)
  try {
    if (!options.publicDemo) await refusePublicDemo({ ...options, data })
    const { port, metricsPort, demoEmails } = await startStandalone({
      ...options,
      config,
      data,
      webApp,
      logger,
      shutdown,
    })
    const addresses = addressesOf(options.host, port, { host: config.METRICS_HOST, port: metricsPort })
    await probe(addresses)
    const demo = { emails: demoEmails, password: demoPassword }
    const facts = { addresses, webApp: webApp !== undefined, dataFolder: options.dataFolder, found, demo }
    process.stdout.write(options.json ? `${JSON.stringify(facts)}\n` : banner(facts))
    if (options.open) openBrowser(addresses.front)
  } catch (error) {
    await shutdown.close('start failed')
    throw error
  }
}

/** What went wrong, in words for whoever typed the command, and the exit code for it. */
function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof UsageError) return { message: `${error.message}\n\n${usage}`, exitCode: EXIT_USAGE }
  if (error instanceof PublicDemoError) return { message: error.message, exitCode: EXIT_USAGE }
  if (error instanceof ConfigError) return { message: error.message, exitCode: EXIT_CONFIG }
  if (error instanceof DataFolderInUseError) {
    return { message: `${error.message}; choose another folder with --data <folder>`, exitCode: 1 }
  }
  if ([BrokenRestoreError, DamagedFolderError, SecretFileError].some((kind) => error instanceof kind)) {
    return { message: (error as Error).message, exitCode: 1 }
  }
  if (error instanceof ListenError) {
    const { code, port } = error
    const setting = String(port) === process.env['METRICS_PORT'] ? 'METRICS_PORT' : '--port <number>'
    const message =
      code === 'EADDRINUSE'
        ? `port ${port} is taken; choose another one with ${setting}`
        : `${error.message}; choose another port with ${setting}`
    return { message, exitCode: 1 }
  }
  if (isDamage(error)) {
    const { message } = error as Error
    return {
      message: `a database in the data folder is damaged (${message}): ${remedyOfDamage}`,
      exitCode: 1,
    }
  }
  const trouble = sqliteTroubleOf(error) ?? folderTroubleOf(error)
  if (trouble !== undefined) {
    return {
      message: `the data folder cannot be used: ${trouble} (${errorInWords(error)})`,
      exitCode: 1,
    }
  }
  return { message: errorReport(error), exitCode: 1 }
}

/** What the operating system says about a folder that cannot be written, in words. */
const folderTroubles: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EEXIST: 'it is a file',
  ENOTDIR: 'it is below a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EIO: 'the disk fails',
}
const folderTroubleOf = (error: unknown): string | undefined =>
  folderTroubles[String((error as NodeJS.ErrnoException).code)]

main().catch((error: unknown) => {
  const { message, exitCode } = explain(error)
  process.stderr.write(`parley: ${message}\n`)
  process.exit(exitCode)
})
