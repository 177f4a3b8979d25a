import { directConversation, directConversationId } from '../conversations/direct-conversation.ts'
import { othersThan } from '../unread/count-between.ts'
import type { ChatReader } from './chat-reader.ts'
import type { ChatRepairs } from './chat-repairs.ts'
import type { Finding, FindingCode } from './finding.ts'

export interface Repaired {
  readonly done: boolean
  /** What was done, or why nothing could be. */
  readonly note: string
}
export type RepairFinding = (finding: Finding) => Promise<Repaired>

/**
 * Repairs what follows from something that is there: folds, lists, marks, watermarks, and a direct conversation
 * whose entries tell who its members are. Never makes up an entry, and changes none. What it computes from
 * is read again first, so it may run while chat works on the same data, and any number of times.
 */
export function createRepairFinding({
  reader,
  repairs,
}: {
  reader: ChatReader
  repairs: ChatRepairs
}): RepairFinding {
  const newestSeq = async (conversationId: string): Promise<number> =>
    (await reader.newest([conversationId]))[0]?.seq ?? 0

  async function refold({ conversationId = '' }: Finding): Promise<Repaired> {
    const [stored] = await reader.conversationsById([conversationId])
    const last = await newestSeq(conversationId)
    if (stored === undefined) return cannot('the conversation is gone')
    const isPossible = Number.isSafeInteger(stored.head) && stored.head <= last
    if (!isPossible) await repairs.replaceHead(conversationId, stored.head, last)
    // An entry that was added in between may have seen the head that was too high: so the head is read again.
    const head = await newestSeq(conversationId)
    await repairs.advance({ conversationId, head })
    return done(`head set to ${head}, and moved to where changes are now`)
  }

  async function relist({ conversationId = '' }: Finding): Promise<Repaired> {
    await repairs.relistMembers(conversationId)
    return done('listed for its members only')
  }

  /** The id of a direct conversation follows from its members, so it proves who they were. */
  async function restore(finding: Finding): Promise<Repaired> {
    const { conversationId = '' } = finding
    const entries = (await reader.entries({ conversationId, seq: 0 }, 1_000)).filter(isOf(conversationId))
    const receipts = (await reader.receipts({ key: `${conversationId}/` }, 10)).filter(isOf(conversationId))
    const present = new Set([
      ...entries.map(({ senderId }) => senderId),
      ...receipts.map(({ userId }) => userId),
    ])
    const members = await findMembers(conversationId, [...present])
    if (members === undefined) return cannot('its id follows from no two people who are known here')
    const createdAt = entries[0]?.at ?? new Date().toISOString()
    await repairs.createConversation({ ...directConversation(...members), createdAt })
    await refold(finding)
    return done(`restored, of ${members.join(', ')}: its id follows from them`)
  }

  async function findMembers(
    conversationId: string,
    present: readonly string[],
  ): Promise<readonly [string, string] | undefined> {
    const among = (others: readonly string[]): readonly [string, string] | undefined => {
      for (const one of present.slice(0, 2)) {
        const other = others.find((id) => directConversationId(one, id) === conversationId)
        if (other !== undefined) return [one, other]
      }
      return undefined
    }
    let found = among(present)
    let page: string[]
    for (let after: string | undefined; found === undefined; after = page.at(-1)) {
      page = await reader.people(after, 1_000)
      if (page.length === 0) return undefined
      found = among(page)
    }
    return found
  }

  async function correctWatermark({ conversationId, userId }: Finding): Promise<Repaired> {
    const [receipt] = await reader.receiptsByKey([`${conversationId}/${userId}`])
    if (receipt === undefined) return cannot('the watermark is gone')
    const head = await newestSeq(receipt.conversationId)
    const within = (seq: number): number => (Number.isSafeInteger(seq) ? Math.min(Math.max(seq, 0), head) : 0)
    const read = within(receipt.read)
    // What was read was delivered.
    const delivered = Math.max(read, within(receipt.delivered))
    await repairs.replaceWatermark(receipt, { delivered, read })
    return done(`set to read ${read}, delivered ${delivered}`)
  }

  async function countAgain({ conversationId = '' }: Finding): Promise<Repaired> {
    const [stored] = await reader.conversationsById([conversationId])
    if (stored === undefined) return cannot('the conversation is gone')
    const to = Math.min(await newestSeq(conversationId), Number.isSafeInteger(stored.head) ? stored.head : 0)
    const { of } = await reader.countedEntries(conversationId, to)
    await repairs.replaceCounts(stored, { to, all: othersThan('', of), of })
    return done(
      `${othersThan('', of)} up to seq ${to}; a chat that runs may know the old number for five minutes`,
    )
  }

  async function countReadAgain({ conversationId, userId = '' }: Finding): Promise<Repaired> {
    const [receipt] = await reader.receiptsByKey([`${conversationId}/${userId}`])
    if (receipt === undefined) return cannot('the watermark is gone')
    const { of } = await reader.countedEntries(receipt.conversationId, receipt.read)
    await repairs.replaceOthersRead(receipt, othersThan(userId, of))
    return done(`${othersThan(userId, of)} up to seq ${receipt.read}`)
  }

  async function countStoredAgain({ userId = '' }: Finding): Promise<Repaired> {
    const counted = await reader.usageOf(userId)
    if (counted === undefined) return cannot('nothing is counted any more')
    const stored = await reader.storedBytes(userId)
    await repairs.replaceUsage(counted, stored)
    return done(`${stored} bytes; a chat that runs may know the old number for a minute`)
  }

  async function removeReceipt({ conversationId, userId }: Finding): Promise<Repaired> {
    const [receipt] = await reader.receiptsByKey([`${conversationId}/${userId}`])
    if (receipt !== undefined) await repairs.removeReceipt(receipt)
    return done('removed')
  }

  async function markAgain(finding: Finding): Promise<Repaired> {
    if (finding.entryId === undefined) return correctWatermark(finding)
    await repairs.markPending(finding.entryId)
    return done('marked as pending, so chat publishes it')
  }

  const repairers: Record<FindingCode, RepairFinding | string> = {
    'storage-fault': 'run the migration of chat, or restore a backup',
    'entry-malformed': 'entries are not changed',
    'entry-id-duplicate': 'entries are not changed',
    'seq-hole': 'what was there is not known; a backup may have it',
    'seq-duplicate': 'entries are not changed',
    'client-key-duplicate': 'entries are not changed',
    'sender-not-member': 'entries are not changed',
    'reply-unknown': 'entries are not changed',
    'event-stuck': 'chat publishes it: see whether it runs and reaches the broker',
    'mark-unreadable': markAgain,
    'conversation-missing': restore,
    'conversation-malformed': 'what it was is not known',
    'members-wrong': 'who the members were is not known',
    'members-unlisted': relist,
    'member-unknown': 'auth knows people; chat asks it when the conversation is listed',
    'head-behind': refold,
    'head-ahead': refold,
    'changed-at-behind': refold,
    'unread-miscounted': countAgain,
    'receipt-malformed': 'whose it was is not known',
    'receipt-orphan': 'there is no conversation to compare it with',
    'receipt-not-member': removeReceipt,
    'receipt-out-of-bounds': correctWatermark,
    'receipt-miscounted': countReadAgain,
    'receipt-event-stuck': 'chat publishes it: see whether it runs and reaches the broker',
    'usage-miscounted': countStoredAgain,
  }
  return async (finding) => {
    const repair = repairers[finding.code]
    return typeof repair === 'string' ? cannot(repair) : repair(finding)
  }
}

const done = (note: string): Repaired => ({ done: true, note })
const cannot = (note: string): Repaired => ({ done: false, note })
const isOf =
  (id: string) =>
  ({ conversationId }: { readonly conversationId: string }): boolean =>
    conversationId === id
