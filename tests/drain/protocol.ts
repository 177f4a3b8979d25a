import type { ClientState } from '@parley/client/events/client-events.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'

// What the test and the processes with its clients tell each other.

export type ToClients =
  | { readonly do: 'connect'; readonly url: string; readonly sessions: readonly SavedSession[] }
  | { readonly do: 'report' }
  | { readonly do: 'close' }

/** What became of one client. */
export interface ClientLife {
  readonly userId: string
  /** Each change of state, with its time (`Date.now()`). */
  readonly states: readonly { readonly state: ClientState; readonly at: number }[]
  /** The highest seq that it has shown, by conversation. */
  readonly shown: Readonly<Record<string, number>>
  /** What it showed twice, too early or too late. */
  readonly faults: readonly string[]
}

export type FromClients =
  | { readonly connected: number }
  | { readonly lives: readonly ClientLife[] }
  | { readonly closed: true }
