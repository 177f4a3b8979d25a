import { randomUUIDv7 } from 'node:crypto'

/**
 * The id of a session that begins now, which says when that was (`beganAt`).
 * @param notBefore a replica whose clock is ahead may have ended all sessions of the user that began before then;
 *   this one is none of those
 */
export function newSessionId(now: number, notBefore: number): string {
  const time = Math.max(now, notBefore).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}${randomUUIDv7().slice(13)}`
}
