import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import { messageFromEntry } from '@parley/contracts/fold.ts'
import type { Watermark } from '@parley/contracts/receipts.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Person } from '@parley/contracts/users.ts'

/** The most recently active first; one without messages counts from its beginning. */
export const byActivity = (conversations: Iterable<ConversationSummary>): ConversationSummary[] =>
  [...conversations].toSorted((a, b) => activeAt(b) - activeAt(a))

const activeAt = ({ lastMessage, createdAt }: ConversationSummary): number =>
  Date.parse(lastMessage?.at ?? createdAt)

/** The other person in a conversation of two. */
export const otherId = ({ memberIds }: Pick<ConversationSummary, 'memberIds'>, me: string): string =>
  memberIds.find((id) => id !== me) ?? me

export const otherPerson = (
  { members }: Pick<ConversationSummary, 'members'>,
  me: string,
): Person | undefined => members.find(({ id }) => id !== me)

/** The summary after an entry; the same one when it knew the entry already. */
export function withEntry(
  summary: ConversationSummary,
  entry: TimelineEntry,
  me: string,
): ConversationSummary {
  if (entry.seq <= summary.head) return summary
  const isUnread = entry.senderId !== me && entry.seq > readUntil(summary, me)
  return {
    ...summary,
    head: entry.seq,
    lastMessage: messageFromEntry(entry),
    unread: summary.unread + (isUnread ? 1 : 0),
  }
}

/**
 * The summary after a member's watermarks moved. Undefined: how many messages are unread now is not known
 * here, because the user read a part of them elsewhere.
 */
export function withReceipt(
  summary: ConversationSummary,
  watermark: Watermark,
  me: string,
): ConversationSummary | undefined {
  const { old, moved, receipts } = moveForward(summary.receipts, watermark)
  if (moved.delivered === old.delivered && moved.read === old.read) return summary
  if (moved.userId !== me || summary.unread === 0 || moved.read === old.read) return { ...summary, receipts }
  return moved.read >= summary.head ? { ...summary, receipts, unread: 0 } : undefined
}

function moveForward(receipts: readonly Watermark[], { userId, delivered, read }: Watermark) {
  const old = receipts.find((one) => one.userId === userId) ?? { userId, delivered: 0, read: 0 }
  const moved = { userId, delivered: Math.max(old.delivered, delivered), read: Math.max(old.read, read) }
  return { old, moved, receipts: [...receipts.filter((one) => one.userId !== userId), moved] }
}

/** The server counts no further. */
const mostCounted = 1_000

/**
 * The summary after the user read up to a seq here.
 * @param count how many messages of others that are, after what was read before
 */
export function withRead(
  summary: ConversationSummary,
  me: string,
  seq: number,
  count: number,
): ConversationSummary {
  const { receipts } = moveForward(summary.receipts, { userId: me, delivered: seq, read: seq })
  if (seq >= summary.head) return { ...summary, receipts, unread: 0 }
  const isExact = summary.unread < mostCounted
  return { ...summary, receipts, unread: isExact ? Math.max(0, summary.unread - count) : summary.unread }
}

/** Of the server's answer and what is known here, each may have what the other does not know yet. */
export function newerOf(
  known: ConversationSummary | undefined,
  answer: ConversationSummary,
  me: string,
): ConversationSummary {
  if (known === undefined) return answer
  const newest = known.head > answer.head ? known : answer
  const receipts = answer.receipts.map((one) => {
    const here = known.receipts.find(({ userId }) => userId === one.userId)
    const { delivered = 0, read = 0 } = here ?? {}
    return { ...one, delivered: Math.max(one.delivered, delivered), read: Math.max(one.read, read) }
  })
  const read = readUntil({ receipts }, me)
  if (read >= newest.head) return { ...newest, receipts, unread: 0 }
  // What was read here since the server counted, less what came since it was counted here.
  const isBehind = newest === answer && read > readUntil(answer, me)
  const most = known.unread + Math.max(0, answer.head - known.head)
  return { ...newest, receipts, unread: isBehind ? Math.min(most, answer.unread) : newest.unread }
}

export const readUntil = ({ receipts }: Pick<ConversationSummary, 'receipts'>, userId: string): number =>
  receipts.find((one) => one.userId === userId)?.read ?? 0

export function countUnread(conversations: Iterable<ConversationSummary>): number {
  let count = 0
  for (const { unread } of conversations) count += unread
  return count
}

/** Counts are shown up to 99. */
export const unreadText = (count: number): string => (count > 99 ? '99+' : String(count))
