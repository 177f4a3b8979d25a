import { soleLease } from '@parley/platform/events/lease.ts'
import type { Failpoints } from '@parley/platform/failpoints.ts'
import { openSqlite } from '@parley/platform/sqlite.ts'
import {
  conversationTables,
  createSqliteConversationStore,
} from './conversations/conversation-store.sqlite.ts'
import { createSqliteUnreadStore } from './conversations/unread-store.sqlite.ts'
import { createSqlitePeopleDirectory, peopleTables } from './people/people-directory.sqlite.ts'
import { createSqliteReceiptStore, receiptTables } from './receipts/receipt-store.sqlite.ts'
import type { ChatStores } from './stores.ts'
import {
  createSqliteTimelineStore,
  timelineTables,
  timelineTablesInOrder,
} from './timeline/timeline-store.sqlite.ts'

/** Append only: a database file has run some of these already. */
export const chatMigrations = [
  [conversationTables, timelineTables, receiptTables, peopleTables].join('\n'),
  timelineTablesInOrder,
]

/** Opens (and creates) the chat service's database file. */
export function openSqliteChatStores(file: string, failpoints?: Failpoints): ChatStores {
  const database = openSqlite(file, chatMigrations)
  return {
    conversations: createSqliteConversationStore(database),
    timeline: createSqliteTimelineStore(database, failpoints),
    receipts: createSqliteReceiptStore(database),
    people: createSqlitePeopleDirectory(database),
    unread: createSqliteUnreadStore(database),
    sweepLease: soleLease,
    async ping() {
      database.relaxed.exec('SELECT 1')
    },
    async close() {
      database.close()
    },
  }
}
