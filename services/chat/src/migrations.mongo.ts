import type { Logger } from '@parley/platform/log.ts'
import { buildCollections } from '@parley/platform/mongo/build-collections.ts'
import type { Connection } from 'mongoose'
import { buildChangeClock, changeClockModel } from './conversations/change-clock.mongo.ts'
import { conversationModel } from './conversations/conversation-store.mongo.ts'
import { createMongoEpochStore, epochModel } from './epoch/epoch-store.mongo.ts'
import { personModel } from './people/people-directory.mongo.ts'
import { receiptModel } from './receipts/receipt-store.mongo.ts'
import { entryModel } from './timeline/timeline-store.mongo.ts'
import { fillCounts } from './unread/fill-counts.mongo.ts'
import { fillUsage } from './usage/fill-usage.mongo.ts'
import { usageModel } from './usage/usage-store.mongo.ts'

/** Builds what the chat service needs in its database and does not find there, and counts what no release has counted. */
export async function migrateChat(connection: Connection, logger: Logger): Promise<void> {
  const models = [
    conversationModel(connection),
    entryModel(connection),
    receiptModel(connection),
    personModel(connection),
    changeClockModel(connection),
    epochModel(connection),
    usageModel(connection),
  ]
  await buildCollections(models, logger)
  await buildChangeClock(connection, async () => {
    const conversations = conversationModel(connection)
    return (await conversations.findOne({}, { changedAt: 1 }).sort({ changedAt: -1 }).lean())?.changedAt ?? 0
  })
  await createMongoEpochStore(connection).current()
  await fillCounts(connection)
  await fillUsage(connection)
}
