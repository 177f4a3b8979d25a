import { randomUUIDv7 } from 'node:crypto'

/**
 * The id of a session that begins now, which says when that was (`beganAt`).
 * @param notBefore a replica whose clock is ahead may have ended all sessions of the user that began before then;
 *   this one is none of those
 */
export function newSessionId(now: number, notBefore: number): string {
  return `${timeOfId(Math.max(now, notBefore))}${randomUUIDv7().slice(13)}`
}

/** Ids of sessions that began before are less, and no others. */
export const beginningOfId = (time: number): string => `${timeOfId(time)}-7`

function timeOfId(time: number): string {
  const digits = time.toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}`
}
