import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { ChatStores } from '@parley/chat/stores.ts'
import type { StoredConversation } from './compare.ts'
import { toSeen } from './protocol.ts'

const pageSize = 1_000

/** Reads conversations straight from a store, past the service: the truth to compare with. */
export async function readStored(
  stores: ChatStores,
  userIds: readonly string[],
): Promise<StoredConversation[]> {
  const ids = new Set<string>()
  for (const userId of userIds) {
    const listed = await stores.conversations.listFor(userId, { before: undefined, limit: 100_000 })
    for (const { id } of listed) ids.add(id)
  }
  const conversations = await stores.conversations.findMany([...ids])
  return Promise.all(
    conversations.map(async ({ id, memberIds }) => ({
      id,
      memberIds,
      entries: (await readEntries(stores, id)).map(toSeen),
    })),
  )
}

async function readEntries(stores: ChatStores, conversationId: string): Promise<TimelineEntry[]> {
  const entries: TimelineEntry[] = []
  for (;;) {
    const page = await stores.timeline.after(conversationId, entries.at(-1)?.seq ?? 0, pageSize)
    entries.push(...page)
    if (page.length < pageSize) return entries
  }
}

/** How many accepted entries are not known to be published. */
export async function countPending(stores: ChatStores): Promise<number> {
  const anyTime = new Date(Date.now() + 60_000).toISOString()
  return (await stores.timeline.pending(anyTime, 1_000_000)).length
}
