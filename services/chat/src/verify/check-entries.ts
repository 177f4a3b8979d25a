import { timelineEntry } from '@parley/contracts/timeline.ts'
import type { ChatReader, EntryPlace, StoredClientKey, StoredEntry } from './chat-reader.ts'
import type { Finding } from './finding.ts'
import type { Inspect } from './look-twice.ts'

/**
 * Timelines: dense, each entry well-formed, by a member, about what is there, and its event published unless
 * it is younger than `pendingMs`. What is read later than an entry is what had to be there before it.
 */
export function createEntryCheck({
  reader,
  pendingMs,
}: {
  reader: ChatReader
  pendingMs: number
}): Inspect<StoredEntry> {
  return async (entries, previous) => {
    const ids = entries.flatMap((entry) => [entry.id, ...repliedTo(entry)])
    const places = Map.groupBy(await reader.entriesById([...new Set(ids)]), ({ id }) => id)
    const conversationIds = [...new Set(entries.map(({ conversationId }) => conversationId))]
    const conversations = await reader.conversationsById(conversationIds)
    const members = new Map(conversations.map(({ id, memberIds }) => [id, memberIds]))
    const now = Date.now()
    // From as far ahead it is as old: its time is of a clock that has been set back since.
    const isStuck = (acceptedAt: number): boolean => Math.abs(now - acceptedAt) > pendingMs

    return entries.flatMap((entry, index) => {
      const before = index === 0 ? previous : entries[index - 1]
      return [
        ...sequenceFaults(entry, before?.conversationId === entry.conversationId ? before : undefined),
        ...shapeFaults(entry),
        ...memberFaults(entry, members.get(entry.conversationId), before),
        ...placeFaults(entry, places),
        ...markFaults(entry, isStuck),
      ]
    })
  }
}

/** One client key, one entry. Rows with the same key come one after the other; the one with the higher seq is told. */
export const checkClientKeys: Inspect<StoredClientKey> = async (rows, previous) =>
  rows.flatMap((row, index) => {
    const before = index === 0 ? previous : rows[index - 1]
    if (before === undefined || !isSameClientKey(row, before)) return []
    const [first, second] = row.seq > before.seq ? [before, row] : [row, before]
    const expected = `one entry of this sender with clientId ${row.clientId}`
    const found = `also seq ${first.seq}`
    return [{ code: 'client-key-duplicate', ...at(second), userId: row.senderId, expected, found }]
  })

export const isSameClientKey = (a: StoredClientKey, b: StoredClientKey): boolean =>
  a.conversationId === b.conversationId && a.senderId === b.senderId && a.clientId === b.clientId

const at = ({ conversationId, seq, id }: Pick<StoredEntry, 'conversationId' | 'seq' | 'id'>) => ({
  conversationId,
  seq,
  entryId: id,
})

/** @param before the entry before it, in the same conversation */
function sequenceFaults(entry: StoredEntry, before: StoredEntry | undefined): Finding[] {
  const expected = (before?.seq ?? 0) + 1
  if (entry.seq === before?.seq) {
    // Without an index they come in any order, and both looks must tell of the same one.
    const [first, second] = entry.id > before.id ? [before, entry] : [entry, before]
    const expected = `one entry with seq ${entry.seq}`
    return [{ code: 'seq-duplicate', ...at(second), expected, found: `also entry ${first.id}` }]
  }
  if (entry.seq <= expected) return []
  const missing = entry.seq - expected === 1 ? `seq ${expected}` : `seqs ${expected} to ${entry.seq - 1}`
  const found = `entry ${entry.id} with seq ${entry.seq} as the next one`
  const { conversationId } = entry
  return [{ code: 'seq-hole', conversationId, seq: expected, expected: missing, found }]
}

function shapeFaults(entry: StoredEntry): Finding[] {
  const { error } = timelineEntry.safeParse(entry)
  const [issue] = error?.issues ?? []
  if (issue === undefined) return []
  const found = `${issue.path.join('.') || 'entry'}: ${issue.message}`
  return [{ code: 'entry-malformed', ...at(entry), expected: 'an entry as in the contract', found }]
}

/** A missing conversation is told of once, at its first entry. */
function memberFaults(
  entry: StoredEntry,
  memberIds: readonly string[] | undefined,
  before: StoredEntry | undefined,
): Finding[] {
  if (memberIds === undefined) {
    if (before?.conversationId === entry.conversationId) return []
    return [{ code: 'conversation-missing', ...at(entry), expected: 'a conversation', found: 'none' }]
  }
  if (memberIds.includes(entry.senderId)) return []
  const expected = `one of ${memberIds.join(', ')} as sender`
  return [
    { code: 'sender-not-member', ...at(entry), userId: entry.senderId, expected, found: entry.senderId },
  ]
}

function placeFaults(entry: StoredEntry, places: ReadonlyMap<string, readonly EntryPlace[]>): Finding[] {
  const findings: Finding[] = []
  const others = (places.get(entry.id) ?? []).filter(
    ({ conversationId, seq }) => conversationId !== entry.conversationId || seq !== entry.seq,
  )
  if (others.length > 0) {
    const found = `also ${others.map(({ conversationId, seq }) => `${conversationId}/${seq}`).join(', ')}`
    findings.push({ code: 'entry-id-duplicate', ...at(entry), expected: 'an id of its own', found })
  }
  for (const id of repliedTo(entry)) {
    const isThere = (places.get(id) ?? []).some(
      ({ conversationId, seq, kind }) =>
        conversationId === entry.conversationId && seq < entry.seq && kind === 'message-created',
    )
    if (isThere) continue
    const expected = `message ${id} earlier in the conversation`
    findings.push({ code: 'reply-unknown', ...at(entry), expected, found: 'none' })
  }
  return findings
}

function markFaults(entry: StoredEntry, isStuck: (acceptedAt: number) => boolean): Finding[] {
  if (entry.mark === 'unreadable') {
    const found = 'another value'
    return [{ code: 'mark-unreadable', ...at(entry), expected: 'a mark that is there or not', found }]
  }
  if (entry.mark === 'published' || !isStuck(Date.parse(entry.at))) return []
  return [{ code: 'event-stuck', ...at(entry), expected: 'published', found: `pending since ${entry.at}` }]
}

function repliedTo({ body }: StoredEntry): string[] {
  const { replyTo } = (body ?? {}) as { replyTo?: unknown }
  return typeof replyTo === 'string' ? [replyTo] : []
}
