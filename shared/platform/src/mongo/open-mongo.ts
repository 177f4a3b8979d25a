import mongoose, { type Connection, type ConnectOptions } from 'mongoose'
import type { Logger } from '../log.ts'
import { refuseUndefined } from './refuse-undefined.ts'

const options: ConnectOptions = {
  autoIndex: false,
  autoCreate: false,
  bufferCommands: false,
  // An accepted write is on the disk of a majority.
  writeConcern: { w: 'majority', journal: true },
  // A request gives up before its client does.
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 10_000,
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 20,
  // Of a slow database: what waits longer for a connection is refused as `overloaded`.
  waitQueueTimeoutMS: 5_000,
  minPoolSize: 2,
}

/** How often a server that is away is asked, and how long the driver has to find it again once it answers. */
const lookMs = 2_000
const patienceMs = 4_000

/**
 * Opens a pool of connections to the database that the URL names. Once open it comes back by itself after
 * an outage; meanwhile operations fail within seconds (see `unavailableWhenDown`).
 *
 * Indexes are built by a migration, never by starting a process. Filters are sanitised: an operator has to
 * be wrapped in `mongoose.trusted`, so none can come in with a value; an undefined value is refused.
 * @throws when the database does not answer now
 */
export async function openMongo(url: string, { logger }: { logger: Logger }): Promise<Connection> {
  const connection = mongoose.createConnection(url, options)
  connection.set('sanitizeFilter', true)
  refuseUndefined(connection)
  // Without a listener a background error would end the process.
  connection.on('error', (error) => logger.warn({ err: error }, 'MongoDB connection error'))
  await connection.asPromise()
  keepOpen(connection, url, logger)
  return connection
}

/**
 * The driver finds a server that went away when it is back. But once, in an outage under load, its monitor
 * stopped looking for good (mongodb 7.8), and the chaos suite sees that again: so when the server answers new
 * connections and this one has not found it for a while, this one is opened anew.
 */
function keepOpen(connection: Connection, url: string, logger: Logger): void {
  let away = false
  /** Since when the server has answered others. */
  let answersSince: number | undefined
  let reopening = false
  let closing = false
  let looking = false

  async function look(): Promise<void> {
    if (looking || closing || !away) return
    looking = true
    try {
      const probe = await mongoose.createConnection(url, { ...options, minPoolSize: 0 }).asPromise()
      await probe.close()
      answersSince ??= performance.now()
      if (closing || !away || performance.now() - answersSince < patienceMs) return
      logger.error('MongoDB answers, but the driver does not find it: connecting anew')
      reopening = true
      await connection.close()
      await connection.openUri(url, options)
      away = false
    } catch (err) {
      answersSince = undefined
      logger.debug({ err }, 'MongoDB is still away')
    } finally {
      reopening = false
      looking = false
    }
  }

  const timer = setInterval(() => void look(), lookMs).unref()
  connection.on('disconnecting', () => {
    if (reopening) return
    closing = true
    clearInterval(timer)
  })
  connection.on('disconnected', () => {
    if (closing || reopening) return
    away = true
    answersSince = undefined
    logger.warn('MongoDB is away')
  })
  connection.on('reconnected', () => {
    away = false
    logger.info('MongoDB is back')
  })
}

/** @throws when the database does not answer */
export async function pingMongo(connection: Connection): Promise<void> {
  await connection.db?.admin().ping()
}
