import { soleLease } from '@parley/platform/events/lease.ts'
import type { Failpoints } from '@parley/platform/failpoints.ts'
import type { Logger } from '@parley/platform/log.ts'
import { watchSqliteTrouble } from '@parley/platform/sqlite-trouble.ts'
import { openSqlite, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import { changeClockTables, createSqliteChangeClock } from './conversations/change-clock.sqlite.ts'
import type { Clocks } from './conversations/change-clock.ts'
import {
  conversationTables,
  createSqliteConversationStore,
} from './conversations/conversation-store.sqlite.ts'
import { createSqliteEpochStore, epochTables } from './epoch/epoch-store.sqlite.ts'
import { createSqlitePeopleDirectory, peopleTables } from './people/people-directory.sqlite.ts'
import { createSqliteReceiptStore, receiptTables } from './receipts/receipt-store.sqlite.ts'
import type { ChatStores } from './stores.ts'
import {
  createSqliteTimelineStore,
  timelineTables,
  timelineTablesInOrder,
} from './timeline/timeline-store.sqlite.ts'
import { countsTables, createSqliteUnreadStore } from './unread/unread-store.sqlite.ts'
import { createSqliteUsageStore, usageTables } from './usage/usage-store.sqlite.ts'

/** Append only: a database file has run some of these already. */
export const chatMigrations = [
  [conversationTables, timelineTables, receiptTables, peopleTables].join('\n'),
  timelineTablesInOrder,
  changeClockTables,
  epochTables,
  countsTables,
  usageTables,
]

interface Options {
  readonly logger?: Logger
  readonly failpoints?: Failpoints
  readonly clocks?: Clocks
}

/** Opens (and creates) the chat service's database file. */
export const openSqliteChatStores = (file: string, options: Options = {}): ChatStores =>
  createSqliteChatStores(openSqlite(file, chatMigrations), { file, ...options })

/** The chat service's stores on a database file that is open already; closing them closes it. */
export function createSqliteChatStores(
  database: SqliteDatabase,
  { file, logger, failpoints, clocks }: Options & { readonly file: string },
): ChatStores {
  const trouble = watchSqliteTrouble({ database, file, logger })
  // One for both, since it is told of all positions of this process.
  const clock = createSqliteChangeClock(database, clocks)
  return {
    conversations: trouble.guard(createSqliteConversationStore(database, clock)),
    timeline: trouble.guard(createSqliteTimelineStore(database, clock, failpoints)),
    receipts: trouble.guard(createSqliteReceiptStore(database)),
    people: trouble.guard(createSqlitePeopleDirectory(database)),
    unread: trouble.guard(createSqliteUnreadStore(database)),
    usage: trouble.guard(createSqliteUsageStore(database)),
    epoch: trouble.guard(createSqliteEpochStore(database)),
    sweepLease: soleLease,
    async ping() {
      database.relaxed.exec('SELECT 1')
      trouble.check()
    },
    async close() {
      trouble.close()
      database.close()
    },
  }
}
