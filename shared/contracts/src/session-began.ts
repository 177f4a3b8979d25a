/**
 * When a session began, in milliseconds since the epoch, as its id says: ids of sessions are UUIDv7. 0 for another id,
 * so that it counts as begun before everything.
 */
export function beganAt(sessionId: string): number {
  const [, high, low] = /^([\da-f]{8})-([\da-f]{4})-7/i.exec(sessionId) ?? []
  return high === undefined || low === undefined ? 0 : Number.parseInt(high + low, 16)
}
