/** The right to do something that only one process at a time should do. It lapses unless it is taken again. */
export interface Lease {
  /** Takes the lease, or prolongs it. Resolves to whether it is ours now. */
  acquire(): Promise<boolean>
  /** Gives it back, if it is ours. */
  release(): Promise<void>
}

/** For a store that only one process can open. */
export const soleLease: Lease = { acquire: async () => true, release: async () => undefined }
