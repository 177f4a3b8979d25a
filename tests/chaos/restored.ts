import type { ConfirmedRead, Life } from '../traffic/protocol.ts'
import type { RollBack } from '../traffic/roll-back.ts'

/**
 * How far a client was told that it has read each conversation, without what restores have rolled back: confirmed after
 * the backup was begun, and sent before the server stopped.
 */
export function keptReads(
  read: readonly ConfirmedRead[],
  rollBacks: readonly RollBack[],
): Map<string, number> {
  const kept = new Map<string, number>()
  for (const { conversationId, seq, sentAt, at } of read) {
    if (rollBacks.some(({ from, to }) => at >= from && sentAt <= to)) continue
    kept.set(conversationId, Math.max(kept.get(conversationId) ?? 0, seq))
  }
  return kept
}

/** Everybody is told of each restore, once: the session ends, and the client begins anew. Nobody is without one. */
export function notTold({ userId, dropped, sessionsEnded }: Life, rollBacks: readonly RollBack[]): string[] {
  const { length } = rollBacks
  if (dropped.length === length && sessionsEnded === length) return []
  return [
    `told wrongly: user ${userId} began anew ${dropped.length} times and logged in again ${sessionsEnded} times, for ${length} restores`,
  ]
}
