/** The day of a time in this time zone, as a key. */
export function dayOf(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

const dayMs = 24 * 60 * 60_000

/** Formats keep the time zone and the language of when they were made. */
const makeFormats = () => ({
  time: new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }),
  weekday: new Intl.DateTimeFormat(undefined, { weekday: 'long' }),
  short: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }),
  long: new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' }),
  year: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' }),
  full: new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' }),
})
let formats = makeFormats()
let place = placeNow()

function placeNow(): string {
  const { timeZone, locale } = new Intl.DateTimeFormat().resolvedOptions()
  return `${timeZone} ${locale}`
}

/** From now on labels are of the time zone and the language that the user has now. Returns a name for both. */
export function followPlace(): string {
  const now = placeNow()
  if (now !== place) formats = makeFormats()
  place = now
  return place
}

export const timeLabel = (at: number): string => formats.time.format(at)
export const dateLabel = (at: number): string => formats.year.format(at)
export const fullLabel = (at: number): string => formats.full.format(at)

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
  return (isThisYear ? formats.long : formats.year).format(at)
}

/** When something last happened, as short as a list needs it. */
export function recentLabel(at: number, now: number): string {
  const ago = daysAgo(at, now)
  if (ago <= 0) return timeLabel(at)
  if (ago === 1) return 'Yesterday'
  return (ago < 7 ? formats.weekday : formats.short).format(at)
}
