import type { Timers } from '../time/timers.ts'

/** That entries were fetched which the socket had not brought, or that it was looked for them. */
export interface Resync {
  /**
   * - `connect`, `reconnect`: a connection began, the first one or a later one.
   * - `comparison`: a comparison with the server on a live connection, which the socket had left behind.
   * - `poll`: a comparison while there is no socket. What else may have changed, such as receipts, is not told then.
   * - `hole`: an entry came whose predecessors had not.
   */
  readonly cause: 'connect' | 'reconnect' | 'comparison' | 'poll' | 'hole'
  /** In how many conversations entries were missing. */
  readonly conversations: number
  /** How many entries were fetched and handed out. */
  readonly entries: number
  /** From the beginning of the connection or comparison, or from the sight of the hole, until all was handed out. */
  readonly ms: number
}

/** Counts what one resync brings. */
export interface ResyncCount {
  add(conversationId: string): void
  /** What it brought until now. */
  result(): Resync
}

export function countResync(cause: Resync['cause'], timers: Timers): ResyncCount {
  const begunAt = timers.now()
  const conversations = new Set<string>()
  let entries = 0

  return {
    add(conversationId) {
      conversations.add(conversationId)
      entries += 1
    },
    result: () => ({ cause, conversations: conversations.size, entries, ms: timers.now() - begunAt }),
  }
}
