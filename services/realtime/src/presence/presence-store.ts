import { ParleyError } from '@parley/platform/parley-error.ts'

/** One socket of a user. */
export interface PresentConnection {
  readonly userId: string
  /** Unique among all gateways. */
  readonly connectionId: string
}

/**
 * Who is online: whoever has a live connection. There is a record per connection, which lapses unless it is
 * refreshed, so the connections of a killed gateway go away by themselves.
 *
 * While the store is away, its methods reject with `unavailable`.
 */
export interface PresenceStore {
  /** Adds a connection. Resolves to whether the user came online by it. */
  connected(connection: PresentConnection): Promise<boolean>
  /** Keeps connections alive, lapsed ones too. Resolves to the users who came online again by it. */
  refresh(connections: readonly PresentConnection[]): Promise<string[]>
  /** Removes a connection, if it is there. Resolves to whether the user is offline now. */
  disconnected(connection: PresentConnection): Promise<boolean>
  /** Those of the users who are online. */
  online(userIds: readonly string[]): Promise<ReadonlySet<string>>
}

/** Whether a store failed because it is away, which it has logged itself. */
export const isOutage = (error: unknown): boolean =>
  error instanceof ParleyError && error.code === 'unavailable'
