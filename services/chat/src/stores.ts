import type { Lease } from '@parley/platform/events/lease.ts'
import type { ConversationStore } from './conversations/conversation-store.ts'
import type { EpochStore } from './epoch/epoch-store.ts'
import type { PeopleDirectory } from './people/people-directory.ts'
import type { ReceiptStore } from './receipts/receipt-store.ts'
import type { TimelineStore } from './timeline/timeline-store.ts'
import type { UnreadStore } from './unread/unread-store.ts'
import type { UsageStore } from './usage/usage-store.ts'

/** Everything that the chat service keeps, whichever database holds it. */
export interface ChatStores {
  readonly conversations: ConversationStore
  readonly timeline: TimelineStore
  readonly receipts: ReceiptStore
  readonly people: PeopleDirectory
  readonly unread: UnreadStore
  readonly usage: UsageStore
  readonly epoch: EpochStore
  /** To sweep what is pending, when several processes share the database. */
  readonly sweepLease: Lease
  /** Rejects when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
