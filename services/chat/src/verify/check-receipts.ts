import { setTimeout as sleep } from 'node:timers/promises'
import { createCountsCheck } from './check-counts.ts'
import type { ChatReader, StoredConversation, StoredReceipt } from './chat-reader.ts'
import type { Finding } from './finding.ts'
import type { Inspect } from './look-twice.ts'

const of = ({ conversationId, userId }: StoredReceipt) => ({ conversationId, userId })

/** Watermarks: of members only, and within their conversation. What bounds them is read after them. */
export function createReceiptCheck({ reader }: { reader: ChatReader }): Inspect<StoredReceipt> {
  return async (receipts) => {
    const ids = [...new Set(receipts.map(({ conversationId }) => conversationId))]
    const conversations = new Map((await reader.conversationsById(ids)).map((each) => [each.id, each]))
    // The head that is stored may be late, but not ahead without being found; so the timeline is rarely asked.
    const beyond = receipts.filter(
      ({ conversationId, delivered }) => !(delivered <= (conversations.get(conversationId)?.head ?? 0)),
    )
    const asked = new Set(beyond.map(({ conversationId }) => conversationId))
    const newest = await reader.newest([...asked])
    const heads = new Map(newest.map(({ conversationId, seq }) => [conversationId, seq]))
    const counts = createCountsCheck(reader)
    const miscounted: Finding[] = []
    for (const receipt of receipts) miscounted.push(...(await counts.ofReceipt(receipt)))
    const findings = receipts.flatMap((receipt) => {
      const { conversationId } = receipt
      const conversation = conversations.get(conversationId)
      const head = (asked.has(conversationId) ? heads.get(conversationId) : conversation?.head) ?? 0
      return [...ownerFaults(receipt, conversation), ...boundFaults(receipt, head), ...markFaults(receipt)]
    })
    return [...findings, ...miscounted]
  }
}

function ownerFaults(receipt: StoredReceipt, conversation: StoredConversation | undefined): Finding[] {
  const { conversationId, userId, key } = receipt
  if (key !== `${conversationId}/${userId}`) {
    const expected = `stored under ${conversationId}/${userId}`
    return [{ code: 'receipt-malformed', ...of(receipt), expected, found: key }]
  }
  if (conversation === undefined) {
    return [{ code: 'receipt-orphan', ...of(receipt), expected: 'a conversation', found: 'none' }]
  }
  if (conversation.memberIds.includes(userId)) return []
  const expected = `one of ${conversation.memberIds.join(', ')}`
  return [{ code: 'receipt-not-member', ...of(receipt), expected, found: userId }]
}

function boundFaults(receipt: StoredReceipt, head: number): Finding[] {
  const { read, delivered } = receipt
  const areWhole = Number.isSafeInteger(read) && Number.isSafeInteger(delivered)
  if (areWhole && 0 <= read && read <= delivered && delivered <= head) return []
  const found = `read ${read}, delivered ${delivered}, head ${head}`
  return [{ code: 'receipt-out-of-bounds', ...of(receipt), expected: '0 ≤ read ≤ delivered ≤ head', found }]
}

function markFaults(receipt: StoredReceipt): Finding[] {
  if (receipt.mark !== 'unreadable') return []
  const found = 'another value'
  return [{ code: 'mark-unreadable', ...of(receipt), expected: 'a mark that is there or not', found }]
}

/**
 * Watches pending events of watermarks, which say nothing of their age: one that is still pending `pendingMs`
 * after it was seen, and has not moved on, is stuck. Waits no longer than some are left, and watches so many
 * at most.
 */
export function createReceiptWatch({
  reader,
  pendingMs,
  lookMs = 500,
  most = 10_000,
}: {
  reader: ChatReader
  pendingMs: number
  lookMs?: number
  most?: number
}): { see(receipts: readonly StoredReceipt[]): void; stuck(): AsyncGenerator<Finding> } {
  const watched = new Map<string, StoredReceipt>()
  let since: number | undefined

  async function look(): Promise<void> {
    const keys = [...watched.keys()]
    for (let start = 0; start < keys.length; start += 500) {
      const chunk = keys.slice(start, start + 500)
      const now = new Map((await reader.receiptsByKey(chunk)).map((each) => [each.key, each]))
      for (const key of chunk) if (!isSame(watched.get(key), now.get(key))) watched.delete(key)
    }
  }

  return {
    see(receipts) {
      for (const receipt of receipts) {
        if (receipt.mark === 'pending' && watched.size < most) watched.set(receipt.key, receipt)
      }
      if (watched.size > 0) since = performance.now()
    },
    async *stuck() {
      await look()
      while (watched.size > 0 && performance.now() - (since ?? 0) < pendingMs) {
        await sleep(Math.min(lookMs, pendingMs))
        await look()
      }
      for (const receipt of watched.values()) {
        const found = `pending at read ${receipt.read}, delivered ${receipt.delivered}`
        yield { code: 'receipt-event-stuck', ...of(receipt), expected: 'published', found }
      }
    },
  }
}

const isSame = (before: StoredReceipt | undefined, now: StoredReceipt | undefined): boolean =>
  now?.mark === 'pending' && now.delivered === before?.delivered && now.read === before.read
