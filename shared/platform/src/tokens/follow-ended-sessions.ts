import type { EndedSession, EndedSessionsPage } from '@parley/contracts/ended-sessions.ts'
import type { EventOf } from '@parley/contracts/events.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { Logger } from '../log.ts'
import { ParleyError } from '../parley-error.ts'
import type { EndedSessions } from './ended-sessions.ts'
import type { VerifyToken } from './verify-token.ts'

/** Keeps a process informed of the sessions that ended, on whichever replica. */
export interface FollowingEndedSessions {
  /**
   * Verifies as before, and refuses tokens of ended sessions with `token-invalid`. Until it is known which ones have
   * ended, verifying waits, and rejects with `unavailable` when that cannot be had.
   */
  refuse(verifyToken: VerifyToken): VerifyToken
  /** Asks, and listens from now on. Waits for the bus. */
  start(): Promise<void>
  close(): Promise<void>
}

/** As long as a token may live at most: most events do not say how long theirs do, which asking tells soon after. */
const longestTokenMs = 86_400_000

export const toEndedSession = ({
  data: { sessionId, userId, reason, startedBefore, tokensUntil },
  time,
}: EventOf<'users.session-ended.v1'>): EndedSession => {
  const endedAt = Date.parse(time)
  return {
    sessionId,
    userId,
    reason,
    endedAt,
    ...(startedBefore === undefined ? {} : { startedBefore: Date.parse(startedBefore) }),
    tokensUntil: tokensUntil === undefined ? endedAt + longestTokenMs : Date.parse(tokensUntil),
  }
}

/**
 * Events tell of an end within milliseconds, each replica by a queue of its own. What they cannot tell (before this
 * process started, while the broker was away) is asked for at the start and then every `everyMs`: so a process knows all
 * that ended within the life of a token before it takes its first one, and nothing is missed for longer than that.
 *
 * @param load asks for what ended after a cursor; from the beginning without one
 */
export function followEndedSessions({
  ended,
  load,
  bus,
  service,
  logger,
  everyMs = 10_000,
}: {
  ended: EndedSessions
  load: (after: string | undefined) => Promise<EndedSessionsPage>
  bus: Pick<EventBus, 'subscribe'>
  /** Whose queue it is. */
  service: string
  logger: Logger
  everyMs?: number
}): FollowingEndedSessions {
  let after: string | undefined
  let isKnown = false
  let asking: Promise<void> | undefined
  let isFailing = false
  let timer: NodeJS.Timeout | undefined
  let unsubscribe: (() => Promise<void>) | undefined

  async function askAll(): Promise<void> {
    for (let more = true; more;) {
      const page = await load(after)
      for (const each of page.ended) ended.add(each)
      after = page.next
      more = page.more
    }
    isKnown = true
    isFailing = false
  }
  function ask(): Promise<void> {
    asking ??= askAll().finally(() => {
      asking = undefined
    })
    return asking
  }
  /** Later is soon enough. */
  async function look(): Promise<void> {
    try {
      await ask()
    } catch (error) {
      if (!isFailing) logger.warn({ err: error }, 'which sessions have ended cannot be asked now')
      isFailing = true
    }
  }

  async function untilKnown(): Promise<void> {
    try {
      await ask()
    } catch (error) {
      const detail = 'It is not known yet which sessions have ended.'
      throw new ParleyError('unavailable', { detail, retryAfterSeconds: 1, cause: error })
    }
  }

  return {
    refuse(verifyToken) {
      const verify = ended.refuse(verifyToken)
      return async (token) => {
        if (!isKnown) await untilKnown()
        return await verify(token)
      }
    },
    async start() {
      timer = setInterval(() => void look(), everyMs).unref()
      const looked = look()
      unsubscribe = await bus.subscribe({
        queue: `${service}.ended-sessions`,
        own: true,
        types: ['users.session-ended.v1'],
        handle: (event) => ended.add(toEndedSession(event)),
      })
      await looked
    },
    async close() {
      clearInterval(timer)
      await unsubscribe?.()
    },
  }
}
