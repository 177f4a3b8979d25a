import type { ShownMessage } from './shown-message.ts'

/** A line of the conversation: a date, or a message with its place in a group. */
export type Row =
  | { readonly kind: 'date'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: ShownMessage
      /** Whether it begins and ends a group: messages of one person, close in time, on one day. */
      readonly first: boolean
      readonly last: boolean
    }

/** Messages further apart than this do not belong to one group. */
const groupMs = 5 * 60_000

/**
 * The rows of a conversation.
 * @param dayOf a name for the day of a time, in the user's time zone
 * @param readUntil the seq after which the line stands that says what is new, above the first message of
 *   somebody else; undefined: nowhere
 * @param nextBefore of what is here: a line that belongs further up is not shown
 */
export function toRows(
  messages: readonly ShownMessage[],
  {
    dayOf,
    me,
    readUntil,
    nextBefore = null,
  }: {
    dayOf: (at: number) => string
    me: string
    readUntil?: number | undefined
    nextBefore?: number | null
  },
): Row[] {
  const rows: Row[] = []
  let previous: ShownMessage | undefined
  let previousDay: string | undefined
  let unreadShown = readUntil === undefined || (nextBefore ?? 0) > readUntil + 1

  messages.forEach((message, index) => {
    const day = dayOf(message.at)
    const startsDay = day !== previousDay
    // One row per day, also when a clock that is wrong takes the conversation back to an earlier day.
    if (startsDay) rows.push({ kind: 'date', key: `date ${day} ${message.key}`, at: message.at })
    const startsUnread = !unreadShown && message.senderId !== me && (message.seq ?? 0) > (readUntil ?? 0)
    if (startsUnread) {
      unreadShown = true
      rows.push({ kind: 'unread', key: 'unread' })
    }

    const next = messages[index + 1]
    const first = startsDay || startsUnread || previous === undefined || !belongTogether(previous, message)
    const last = next === undefined || dayOf(next.at) !== day || !belongTogether(message, next)
    rows.push({ kind: 'message', key: message.key, message, first, last })
    previous = message
    previousDay = day
  })
  return rows
}

/**
 * The index of the row at which one who has read up to a seq goes on, the line above it included; undefined when
 * nothing here is unread.
 */
export function firstUnreadRow(rows: readonly Row[], me: string, readUntil: number): number | undefined {
  let found: number | undefined
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index]
    if (row?.kind !== 'message') continue
    const { seq, senderId } = row.message
    if (seq !== undefined && seq <= readUntil) break
    if (seq !== undefined && senderId !== me) found = index
  }
  return found !== undefined && rows[found - 1]?.kind === 'unread' ? found - 1 : found
}

/** The seq of the last message that is accepted, of the rows down to one of them. */
export function acceptedUpTo(rows: readonly Row[], index: number): number | undefined {
  for (let at = index; at >= 0; at -= 1) {
    const row = rows[at]
    if (row?.kind === 'message' && row.message.seq !== undefined) return row.message.seq
  }
  return undefined
}

const belongTogether = (one: ShownMessage, next: ShownMessage): boolean =>
  one.senderId === next.senderId && Math.abs(next.at - one.at) < groupMs
