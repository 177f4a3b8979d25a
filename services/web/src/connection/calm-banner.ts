import type { ParleyClient } from '@parley/client/parley-client.ts'

/** What the banner says; undefined: nothing. */
export type BannerState =
  | 'connecting'
  | 'offline'
  | 'catching-up'
  | 'no-socket'
  | 'too-many-sockets'
  | 'server-failing'
  | undefined

/** A state that passes sooner than this is not worth a word. */
export const quietMs = 1_200
/** What is said stays long enough to be read. */
export const leastShownMs = 900

/** What there is to say about a connection. While the client is live, what the browser believes does not count. */
export function bannerFor(
  { state, limited }: Pick<ParleyClient, 'state' | 'limited'>,
  browserIsOnline: boolean,
): BannerState {
  if (state === 'live') return undefined
  if (limited !== undefined && (browserIsOnline || state === 'catching-up')) return limited
  if (state === 'catching-up') return 'catching-up'
  return browserIsOnline ? 'connecting' : 'offline'
}

/** What is shown, and since when things are as they are; times in milliseconds. */
export interface Calm {
  readonly shown: BannerState
  readonly shownSince: number
  readonly wanted: BannerState
  /** Since when there has been something to say, without a break. */
  readonly troubleSince: number
}

export const calmAtFirst: Calm = { shown: undefined, shownSince: 0, wanted: undefined, troubleSince: 0 }

/**
 * The next state of the banner, and when to ask again. Nothing is shown for moments: trouble has to last, and
 * what is shown stays a little; between two kinds of trouble it changes at once.
 */
export function nextBanner(calm: Calm, wanted: BannerState, now: number): { calm: Calm; againInMs?: number } {
  const troubleSince = calm.wanted === undefined ? now : calm.troubleSince
  const next = { ...calm, wanted, troubleSince }
  if (wanted === calm.shown) return { calm: next }
  const isQuiet = calm.shown === undefined
  const mayChangeAt = isQuiet ? troubleSince + quietMs : calm.shownSince + leastShownMs
  const isOtherTrouble = !isQuiet && wanted !== undefined
  if (isOtherTrouble || now >= mayChangeAt) return { calm: { ...next, shown: wanted, shownSince: now } }
  return { calm: next, againInMs: mayChangeAt - now }
}
