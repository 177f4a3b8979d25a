/** What joins several gateways into one, as far as a gateway has to know about it. */
export interface Backplane {
  /** Whether what is emitted here reaches the sockets of the other gateways, and the other way round. */
  available(): boolean
  /** Tells of each change of `available`. */
  onChange(listener: (available: boolean) => void): void
  /** Resolves once rooms that were entered so far hear what others emit; at once while that cannot be. */
  readonly joined: () => Promise<void>
  /** Resolves once what was emitted so far is on its way to the others; rejects when it may not be. */
  published(): Promise<void>
}
