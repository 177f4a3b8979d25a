import type { Presence, ServerEvent } from '@parley/contracts/socket.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Limited } from '../connection/limits.ts'
import type { UnsentMessage } from '../sending/unsent.ts'
import type { SavedSession } from '../session/saved-session.ts'
import type { Resync } from '../timeline/resync.ts'

/**
 * - `offline`: nobody asked for a connection, or the session ended.
 * - `connecting`: there is no connection, but there will be: the client tries until it is there.
 * - `catching-up`: connected, and fetching what was missed.
 * - `live`: everything that was missed has been handed out; from here on it comes as it happens.
 */
export type ClientState = 'offline' | 'connecting' | 'catching-up' | 'live'

export interface SessionEnd {
  readonly reason: ServerEvent<'session:ended'>['reason'] | 'refresh-token-invalid'
}

/** What a client tells its app. */
export interface ClientEvents {
  state: ClientState
  /** What keeps the client from being live, when that changes; undefined: nothing, or nothing that is known. */
  limited: Limited | undefined
  /**
   * Something happened in a conversation, the app's own messages included: in `seq` order per conversation,
   * without holes, each exactly once. Take an unknown `kind` as "shows nothing".
   */
  entry: TimelineEntry
  /**
   * What is not accepted yet, after each change: the new list of `unsent()`. An entry may come a little before
   * its message leaves the list, or after: match them by `clientId`, and neither is shown twice.
   */
  unsent: readonly UnsentMessage[]
  /**
   * What was missed has been fetched: after each connection, also when that was nothing, just before the state
   * is `live`; after each comparison without a socket; otherwise only when entries were missing. Every entry that was fetched counts in one of these.
   */
  resync: Resync
  /**
   * The server has other data than before: it was restored from a backup. Forget what is shown and stored of
   * conversations, also `positions()`, and load anew, as at the first start: `entry` goes on from where this data is now
   * (`from: 'beginning'`: from its beginning). What is unsent stays, and is sent.
   */
  restart: { readonly epoch: string }
  /** A member's watermarks moved. A hint: after a reconnect, ask for the conversation. */
  receipt: ServerEvent<'receipt:advanced'>
  /** Somebody types, for `expiresInMs` at most. */
  typing: ServerEvent<'typing'>
  /** Somebody whom `presence.watch` named is online or not: at once, on changes, and after a reconnect. */
  presence: Presence
  /** What to store for `resume`, in place of what was stored before; undefined: forget it. */
  session: SavedSession | undefined
  /** The session is over, and the client offline: log in again. Not sent after `logOut()`. */
  'session-ended': SessionEnd
  /** Something failed in the background. The client goes on by itself: this is for a log. */
  error: unknown
}
