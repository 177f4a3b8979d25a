import type { Failpoints } from '@parley/platform/failpoints.ts'
import type { Logger } from '@parley/platform/log.ts'
import { createMongoLease } from '@parley/platform/mongo/lease.mongo.ts'
import { openMongo, pingMongo } from '@parley/platform/mongo/open-mongo.ts'
import { unavailableWhenDown } from '@parley/platform/mongo/unavailable-when-down.ts'
import type { Connection } from 'mongoose'
import { createMongoChangeClock } from './conversations/change-clock.mongo.ts'
import type { Clocks } from './conversations/change-clock.ts'
import { createMongoConversationStore } from './conversations/conversation-store.mongo.ts'
import { createMongoEpochStore } from './epoch/epoch-store.mongo.ts'
import { createMongoPeopleDirectory } from './people/people-directory.mongo.ts'
import { createMongoReceiptStore } from './receipts/receipt-store.mongo.ts'
import type { ChatStores } from './stores.ts'
import { createMongoTimelineStore } from './timeline/timeline-store.mongo.ts'
import { createMongoUnreadStore } from './unread/unread-store.mongo.ts'
import { createMongoUsageStore } from './usage/usage-store.mongo.ts'

/** The chat service's stores on a connection that is open already; closing them closes it. */
export function createMongoChatStores(
  connection: Connection,
  { failpoints, clocks }: { failpoints?: Failpoints | undefined; clocks?: Clocks } = {},
): ChatStores {
  const clock = createMongoChangeClock(connection, clocks)
  return {
    conversations: unavailableWhenDown(createMongoConversationStore(connection, clock)),
    timeline: unavailableWhenDown(createMongoTimelineStore(connection, failpoints)),
    receipts: unavailableWhenDown(createMongoReceiptStore(connection)),
    people: unavailableWhenDown(createMongoPeopleDirectory(connection)),
    unread: unavailableWhenDown(createMongoUnreadStore(connection)),
    usage: unavailableWhenDown(createMongoUsageStore(connection)),
    epoch: unavailableWhenDown(createMongoEpochStore(connection)),
    sweepLease: createMongoLease(connection, { name: 'chat-outbox' }),
    ping: () => pingMongo(connection),
    close: () => connection.close(),
  }
}

/**
 * Connects to the chat service's database, whose indexes `migrateChat` has built.
 * @throws when the database does not answer now
 */
export async function openMongoChatStores(
  url: string,
  { logger, failpoints }: { logger: Logger; failpoints?: Failpoints },
): Promise<ChatStores> {
  return createMongoChatStores(await openMongo(url, { logger }), { failpoints })
}
