/** The day of a time in this time zone, as a key. */
export function dayOf(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

const dayMs = 24 * 60 * 60_000
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long' })
const shortFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const longFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const yearFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })

export const timeLabel = (at: number): string => timeFormat.format(at)
export const dateLabel = (at: number): string => yearFormat.format(at)
export const fullLabel = (at: number): string => fullFormat.format(at)

const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0)

/** How many days ago that was by the calendar. */
function daysAgo(at: number, now: number): number {
  // Days of 23 and of 25 hours come out whole too.
  return Math.round((midnight(now) - midnight(at)) / dayMs)
}

/** What stands between the days of a conversation. */
export function dayLabel(at: number, now: number): string {
  const ago = daysAgo(at, now)
  if (ago === 0) return 'Today'
  if (ago === 1) return 'Yesterday'
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (isThisYear ? longFormat : yearFormat).format(at)
}

/** When something last happened, as short as a list needs it. */
export function recentLabel(at: number, now: number): string {
  const ago = daysAgo(at, now)
  if (ago <= 0) return timeLabel(at)
  if (ago === 1) return 'Yesterday'
  return ago < 7 ? weekdayFormat.format(at) : shortFormat.format(at)
}
