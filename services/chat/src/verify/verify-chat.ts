import type { ChatReader } from './chat-reader.ts'
import { createConversationCheck } from './check-conversations.ts'
import { checkClientKeys, createEntryCheck, isSameClientKey } from './check-entries.ts'
import { createReceiptCheck, createReceiptWatch } from './check-receipts.ts'
import { createUsageCheck } from './check-usage.ts'
import type { Finding, FindingCode } from './finding.ts'
import { lookTwice } from './look-twice.ts'
import type { RepairFinding, Repaired } from './repair-finding.ts'

export interface Progress {
  readonly checking: string
  readonly done: number
  /** About how many there are. */
  readonly total: number
}

export interface VerifyReport {
  /** How many rows of each kind were looked at. */
  readonly checked: Readonly<Record<string, number>>
  readonly found: Readonly<Partial<Record<FindingCode, { found: number; repaired: number }>>>
  readonly findings: number
  readonly repaired: number
}

/**
 * Compares what chat has stored with what chat promises, while chat works on it.
 *
 * Guarantees
 * - No false alarm: what follows from an entry is read after the entry, what bounds something is read after
 *   it, and only what two looks agree on is told.
 * - Bounded memory: pages of rows, and at most some thousand watermarks to watch. Findings are told one by one.
 * - It only reads, unless there is `repair`, which is called for each finding before the next page is read.
 * @param pendingMs how old an event may be before it counts as stuck
 */
export async function verifyChat({
  reader,
  repair,
  pendingMs,
  onFinding,
  onProgress = () => undefined,
  pageSize = 1_000,
  secondLookMs = 250,
}: {
  reader: ChatReader
  repair?: RepairFinding | undefined
  pendingMs: number
  onFinding: (finding: Finding, repaired: Repaired | undefined) => void
  onProgress?: (progress: Progress) => void
  pageSize?: number
  secondLookMs?: number
}): Promise<VerifyReport> {
  const checked: Record<string, number> = {}
  const found: Partial<Record<FindingCode, { found: number; repaired: number }>> = {}

  async function tell(findings: AsyncIterable<Finding> | Iterable<Finding>): Promise<void> {
    for await (const finding of findings) {
      const repaired = await repair?.(finding)
      const count = (found[finding.code] ??= { found: 0, repaired: 0 })
      count.found += 1
      if (repaired?.done === true) count.repaired += 1
      onFinding(finding, repaired)
    }
  }
  function paged(checking: string, total: number) {
    let done = 0
    checked[checking] = done
    const onPage = (rows: number): void => {
      done += rows
      checked[checking] = done
      onProgress({ checking, done, total })
    }
    return { pageSize, secondLookMs, onPage }
  }

  onProgress({ checking: 'the database itself', done: 0, total: 1 })
  await tell((await reader.storageFaults()).map(storageFault))

  const counts = await reader.counts()
  await tell(
    lookTwice({
      ...paged('entries', counts.entries),
      read: (after, limit) => reader.entries(after, limit),
      isSameKey: (a, b) => a.conversationId === b.conversationId && a.seq === b.seq,
      inspect: createEntryCheck({ reader, pendingMs }),
    }),
  )
  await tell(
    lookTwice({
      ...paged('client keys', counts.entries),
      read: (after, limit) => reader.clientKeys(after, limit),
      isSameKey: isSameClientKey,
      inspect: checkClientKeys,
    }),
  )
  await tell(
    lookTwice({
      ...paged('conversations', counts.conversations),
      read: (after, limit) => reader.conversations(after, limit),
      isSameKey: (a, b) => a.id === b.id,
      inspect: createConversationCheck({ reader, pendingMs }),
    }),
  )
  const watch = createReceiptWatch({ reader, pendingMs })
  await tell(
    lookTwice({
      ...paged('receipts', counts.receipts),
      async read(after, limit) {
        const receipts = await reader.receipts(after, limit)
        watch.see(receipts)
        return receipts
      },
      isSameKey: (a, b) => a.key === b.key,
      inspect: createReceiptCheck({ reader }),
    }),
  )
  await tell(
    lookTwice({
      ...paged('usage', counts.usage),
      read: (after, limit) => reader.usage(after, limit),
      isSameKey: (a, b) => a.userId === b.userId,
      inspect: createUsageCheck(reader),
    }),
  )
  onProgress({ checking: 'pending events of receipts', done: 0, total: 1 })
  await tell(watch.stuck())

  const sums = Object.values(found)
  return {
    checked,
    found,
    findings: sums.reduce((sum, count) => sum + count.found, 0),
    repaired: sums.reduce((sum, count) => sum + count.repaired, 0),
  }
}

const storageFault = (found: string): Finding => ({
  code: 'storage-fault',
  expected: 'a sound database',
  found,
})
