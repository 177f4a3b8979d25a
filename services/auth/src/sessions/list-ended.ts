import type { EndedSessionsPage } from '@parley/contracts/ended-sessions.ts'
import type { SessionStore } from './session-store.ts'

const pageSize = 2_000
/** What replicas whose clocks differ, or whose writes overtake each other, ended is seen all the same the next time. */
const overlapMs = 30_000

/** The sessions that ended within the life of an access token: oldest first, after a cursor that it gave before. */
export type ListEnded = (after?: string) => Promise<EndedSessionsPage>

/** @param tokenMs how long an access token lives */
export function createListEnded({
  sessions,
  tokenMs,
  now = Date.now,
}: {
  sessions: Pick<SessionStore, 'endedAfter'>
  tokenMs: number
  now?: () => number
}): ListEnded {
  return async (after = '0.') => {
    const [at = '0', id = ''] = after.split('.')
    const oldest = now() - tokenMs
    const from = Number(at) > oldest ? { endedAt: Number(at), id } : { endedAt: oldest, id: '' }
    const found = await sessions.endedAfter(from, pageSize)
    const last = found.at(-1)
    const more = last !== undefined && found.length === pageSize
    return {
      ended: found.map(({ id: sessionId, userId, endedAt }) => ({
        sessionId,
        userId,
        endedAt,
        tokensUntil: endedAt + tokenMs,
      })),
      next: more ? `${last.endedAt}.${last.id}` : `${now() - overlapMs}.`,
      more,
    }
  }
}
