import type { Logger } from '@parley/platform/log.ts'
import { createMongoLease } from '@parley/platform/mongo/lease.mongo.ts'
import { openMongo, pingMongo } from '@parley/platform/mongo/open-mongo.ts'
import { unavailableWhenDown } from '@parley/platform/mongo/unavailable-when-down.ts'
import type { Connection } from 'mongoose'
import { createMongoOutbox } from './outbox/outbox.mongo.ts'
import { createMongoSessionStore, sessionModel } from './sessions/session-store.mongo.ts'
import type { AuthStores } from './stores.ts'
import { createMongoUserStore, userModel } from './users/user-store.mongo.ts'

/** The auth service's stores on a connection that is open already; closing them closes it. */
export function createMongoAuthStores(connection: Connection): AuthStores {
  const outbox = createMongoOutbox(connection, {
    carriers: [userModel(connection), sessionModel(connection)],
  })
  return {
    users: unavailableWhenDown(createMongoUserStore(connection)),
    sessions: unavailableWhenDown(createMongoSessionStore(connection, outbox)),
    outbox: unavailableWhenDown(outbox),
    sweepLease: createMongoLease(connection, { name: 'auth-outbox' }),
    ping: () => pingMongo(connection),
    close: () => connection.close(),
  }
}

/**
 * Connects to the auth service's database, whose indexes `migrateAuth` has built.
 * @throws when the database does not answer now
 */
export async function openMongoAuthStores(url: string, { logger }: { logger: Logger }): Promise<AuthStores> {
  return createMongoAuthStores(await openMongo(url, { logger }))
}
