import type { Counter } from 'prom-client'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

/** What a security log tells of. A new event is a line here, and one in docs/security.md. */
export const securityEvents = [
  'login-failed',
  'login-slowed',
  'login-refused',
  'registration-refused',
  'refresh-reused',
  'session-ended-everywhere',
  'key-changed',
  'host-refused',
  'origin-refused',
  'quota-reached',
  'client-shed',
] as const
export type SecurityEvent = (typeof securityEvents)[number]

/** All that a line may say beside its event. There is no room for an e-mail address, a token or a text. */
const fields = ['userId', 'actorId', 'sessionId', 'network', 'keyId', 'role', 'reason'] as const
export type SecurityFields = Partial<Record<(typeof fields)[number], string | undefined>>

export interface SecurityLog {
  /** @param about `network` is what limits count by; `reason` and `role` are words from our own code */
  note(event: SecurityEvent, about?: SecurityFields): void
}

const counterName = 'parley_security_events_total'
/** Who tries a million passwords fills the counter, not the disk. */
const mostLinesPerMinute = 120
const longestField = 100
const minuteMs = 60_000

/**
 * Tells of what an operator wants to hear of when somebody attacks: lines with `stream: "security"` among the others
 * of the process, and a counter by event. `LOG_LEVEL` does not hold them back, except `silent`.
 *
 * Of each event a process writes at most 120 lines a minute, and afterwards how many it left out; the counter has all.
 * May be made several times in a process: the counter is the registry's.
 */
export function createSecurityLog({
  logger,
  metrics,
  now = Date.now,
}: {
  logger: Logger
  metrics: Metrics
  now?: () => number
}): SecurityLog {
  const silent = logger.level === 'silent'
  const log = logger.child({ stream: 'security' }, { level: silent ? 'silent' : 'info' })
  const counted = eventCounter(metrics)
  const minutes = new Map<SecurityEvent, { since: number; lines: number; leftOut: number }>()

  /** Whether there is room for one more line, after telling of those that had none in the minute before. */
  function hasRoom(event: SecurityEvent): boolean {
    const minute = minutes.get(event)
    if (minute === undefined || now() - minute.since >= minuteMs) {
      if (minute !== undefined && minute.leftOut > 0)
        log.info({ event, leftOut: minute.leftOut }, `${event}: more lines were left out`)
      minutes.set(event, { since: now(), lines: 1, leftOut: 0 })
      return true
    }
    if (minute.lines < mostLinesPerMinute) {
      minute.lines += 1
      return true
    }
    minute.leftOut += 1
    return false
  }

  return {
    note(event, about = {}) {
      counted.inc({ event })
      if (!hasRoom(event)) return
      const said: Record<string, string> = {}
      for (const name of fields) {
        const value = about[name]
        if (value !== undefined) said[name] = value.slice(0, longestField)
      }
      log.info({ event, ...said }, event)
    },
  }
}

function eventCounter(metrics: Metrics): Counter<'event'> {
  const made = metrics.registry.getSingleMetric(counterName) as Counter<'event'> | undefined
  if (made !== undefined) return made
  const counter = metrics.counter(
    counterName,
    'What the security log tells of, by event, also where it left lines out',
    ['event'],
  )
  // From 0 on, so that an alert sees the first one as a rise.
  for (const event of securityEvents) counter.inc({ event }, 0)
  return counter
}
