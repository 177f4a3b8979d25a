import type { SeenEntry } from './protocol.ts'

/**
 * A backup was restored: what was accepted after it was begun, and before the server stopped, may be gone. Times are
 * milliseconds since the epoch, by the one clock of a machine.
 */
export interface RollBack {
  /** When the backup was begun: what somebody knew to be accepted before is in it. */
  readonly from: number
  /** When the server that was backed up had ended: what is accepted later is accepted by what was restored. */
  readonly to: number
}

/** Whether an entry that somebody knows of since `knownAt`, and that is not stored, is one of those. */
export const isRolledBack = (
  rollBacks: readonly RollBack[],
  { at }: Pick<SeenEntry, 'at'>,
  knownAt: number,
): boolean => rollBacks.some(({ from, to }) => knownAt >= from && Date.parse(at) <= to)
