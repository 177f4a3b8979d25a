import type { EndedSession } from '@parley/contracts/ended-sessions.ts'
import { beganAt } from '@parley/contracts/session-began.ts'
import { ParleyError } from '../parley-error.ts'
import type { Caller, VerifyToken } from './verify-token.ts'

/** The sessions of which an access token may still be about though they have ended. In memory, for one process. */
export interface EndedSessions {
  /** Remembers it until its last access token has expired. One that is known already may be told more exactly. */
  add(ended: EndedSession): void
  has(caller: Pick<Caller, 'userId' | 'sessionId' | 'issuedAt'>): boolean
  /** Tells of each one that is new here. */
  onAdded(listener: (ended: EndedSession) => void): void
  /** Verifies as before, and refuses tokens of ended sessions with `token-invalid`. Ahead of any cache of verdicts. */
  refuse(verifyToken: VerifyToken): VerifyToken
}

/**
 * Guarantee: a token of a session that was added is refused here until it has expired by itself, however many are added.
 * The list is bounded all the same: beyond it the older half is forgotten, and what was issued until then, to whomever,
 * is refused as expired. Honest clients exchange such a token and go on; an ended session cannot.
 *
 * @param most how many are remembered
 * @param now the clock that tokens expire by
 */
export function createEndedSessions({
  most = 100_000,
  now = Date.now,
}: { most?: number; now?: () => number } = {}): EndedSessions {
  /** By session, oldest first. */
  const sessions = new Map<string, EndedSession>()
  /** By user, the mark before which all sessions have ended. */
  const marks = new Map<string, EndedSession & { startedBefore: number }>()
  const listeners: ((ended: EndedSession) => void)[] = []
  let refusedUntil = 0

  function forget(ended: EndedSession): void {
    sessions.delete(ended.sessionId)
    if (marks.get(ended.userId)?.sessionId === ended.sessionId) marks.delete(ended.userId)
  }

  function tidy(): void {
    for (const ended of sessions.values()) {
      if (ended.tokensUntil > now()) break
      forget(ended)
    }
    if (sessions.size <= most) return
    for (const ended of [...sessions.values()].slice(0, Math.ceil(most / 2))) {
      refusedUntil = Math.max(refusedUntil, ended.endedAt)
      forget(ended)
    }
  }

  function add(ended: EndedSession): void {
    const { sessionId, userId, startedBefore, tokensUntil } = ended
    const known = sessions.get(sessionId)
    const isNews = known === undefined || (known.startedBefore ?? 0) < (startedBefore ?? 0)
    if (!isNews) {
      // Its place in the order stays: both were told with the same end.
      sessions.set(sessionId, { ...known, tokensUntil: Math.min(known.tokensUntil, tokensUntil) })
      return
    }
    if (tokensUntil <= now()) return
    if (known !== undefined) forget(known)
    sessions.set(sessionId, ended)
    if (startedBefore !== undefined && (marks.get(userId)?.startedBefore ?? 0) < startedBefore) {
      marks.set(userId, ended as EndedSession & { startedBefore: number })
    }
    tidy()
    for (const listener of listeners) listener(ended)
  }

  function has({ userId, sessionId }: Pick<Caller, 'userId' | 'sessionId'>): boolean {
    if (sessions.has(sessionId)) return true
    const mark = marks.get(userId)
    return mark !== undefined && beganAt(sessionId) < mark.startedBefore
  }

  return {
    add,
    has,
    onAdded: (listener) => void listeners.push(listener),
    refuse: (verifyToken) => async (token) => {
      const caller = await verifyToken(token)
      if (has(caller))
        throw new ParleyError('token-invalid', { detail: 'The session of this token has ended.' })
      if (caller.issuedAt < refusedUntil) throw new ParleyError('token-expired')
      return caller
    },
  }
}
