import type { Connection } from './close-reason.ts'

/** What Engine.IO keeps to itself, but is the only place where a client that does not read can be seen. */
export interface Innards {
  readonly writeBuffer: readonly { readonly type: string }[]
  /** Set from a ping until its pong. */
  readonly pingTimeoutTimer: unknown
  readonly transport: {
    readonly writable: boolean
    /** The `ws` socket. */
    readonly socket: {
      readonly bufferedAmount: number
      terminate(): void
      once(event: 'close', listener: () => void): void
    }
  }
}
export const innards = (connection: Connection): Innards => connection as unknown as Innards
