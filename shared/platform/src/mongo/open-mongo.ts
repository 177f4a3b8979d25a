import mongoose, { type Connection } from 'mongoose'
import type { Logger } from '../log.ts'

/**
 * Opens a pool of connections to the database that the URL names. Once open it comes back by itself after
 * an outage; meanwhile operations fail within seconds (see `unavailableWhenDown`).
 *
 * Indexes are built by a migration, never by starting a process. Filters are sanitised: an operator has to
 * be wrapped in `mongoose.trusted`, so none can come in with a value.
 * @throws when the database does not answer now
 */
export async function openMongo(url: string, { logger }: { logger: Logger }): Promise<Connection> {
  const connection = mongoose.createConnection(url, {
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
    minPoolSize: 2,
  })
  connection.set('sanitizeFilter', true)
  let closing = false
  connection.on('disconnecting', () => (closing = true))
  connection.on('disconnected', () => closing || logger.warn('MongoDB is away'))
  connection.on('reconnected', () => logger.info('MongoDB is back'))
  // Without a listener a background error would end the process.
  connection.on('error', (error) => logger.warn({ err: error }, 'MongoDB connection error'))
  await connection.asPromise()
  return connection
}

/** @throws when the database does not answer */
export async function pingMongo(connection: Connection): Promise<void> {
  await connection.db?.admin().ping()
}
