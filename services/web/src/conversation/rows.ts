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
 * @param readUntil the seq after which the messages of others were unread when the conversation was opened;
 *   undefined when none were
 */
export function toRows(
  messages: readonly ShownMessage[],
  { dayOf, me, readUntil }: { dayOf: (at: number) => string; me: string; readUntil?: number | undefined },
): Row[] {
  const rows: Row[] = []
  let previous: ShownMessage | undefined
  let previousDay: string | undefined
  let unreadShown = readUntil === undefined

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

const belongTogether = (one: ShownMessage, next: ShownMessage): boolean =>
  one.senderId === next.senderId && Math.abs(next.at - one.at) < groupMs
