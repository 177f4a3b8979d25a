import type { Logger } from '@parley/platform/log.ts'
import { buildCollections } from '@parley/platform/mongo/build-collections.ts'
import type { Connection } from 'mongoose'
import { outboxModel } from './outbox/outbox.mongo.ts'
import { sessionModel } from './sessions/session-store.mongo.ts'
import { fillSearchedNames, userModel } from './users/user-store.mongo.ts'

/** Builds what the auth service needs in its database and does not find there, and fills in what users lack. */
export async function migrateAuth(connection: Connection, logger: Logger): Promise<void> {
  const models = [userModel(connection), sessionModel(connection), outboxModel(connection)]
  await buildCollections(models, logger)
  await fillSearchedNames(connection)
}
