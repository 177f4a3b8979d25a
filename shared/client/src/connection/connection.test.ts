import { ParleyClientError } from '../client-error.ts'
import type { Session } from '../session/session.ts'
import { createManualTimers, settle } from '../testing/manual-timers.ts'
import { problemFor } from '../testing/protocol-server.ts'
import { createBackoff } from '../time/backoff.ts'
import { createConnection } from './connection.ts'
import type { Loss } from './open-link.ts'

const lost: Loss = { error: new ParleyClientError('unavailable'), tokenRefused: false }
const refused = (retryAfterSeconds: number): Loss => ({
  ...lost,
  error: new ParleyClientError(problemFor('overloaded', { retryAfterSeconds })),
})

/** How long a connection lasts, if it comes to one, and how it is lost. */
interface Life {
  readonly lastsMs?: number
  readonly loss: Loss
}

/** The gaps between a loss and the next attempt, when connections go as `lives` says. */
async function gapsBetween(lives: Life[]): Promise<number[]> {
  const timers = createManualTimers()
  const stop = new AbortController()
  const attempts: { begunAt: number; endedAt: number }[] = []
  let mostPending = 0
  const connection = createConnection({
    open({ onConnected, onLost }) {
      const life = lives.shift()
      const attempt = { begunAt: timers.now(), endedAt: Infinity }
      attempts.push(attempt)
      const end = (): void => {
        attempt.endedAt = timers.now()
        if (life === undefined) stop.abort()
        else onLost(life.loss)
      }
      timers.after(0, () => {
        if (life?.lastsMs === undefined) return end()
        onConnected()
        timers.after(life.lastsMs, end)
      })
      return { command: () => Promise.reject(new Error('not here')), close: () => undefined }
    },
    session: {
      accessToken: () => Promise.resolve('token'),
      renew: () => Promise.resolve(),
    } as unknown as Session,
    events: {
      'timeline:entry': () => undefined,
      'timeline:behind': () => undefined,
      'receipt:advanced': () => undefined,
      typing: () => undefined,
      presence: () => undefined,
    },
    onConnecting: () => undefined,
    onConnected: () => undefined,
    onFailure: () => undefined,
    timers,
    backoff: createBackoff({ minMs: 200, maxMs: 30_000 }, () => 1),
  })
  const kept = connection.keep(stop.signal)
  while (!stop.signal.aborted) {
    await settle()
    mostPending = Math.max(mostPending, timers.pending)
    timers.runNext()
  }
  await kept
  expect(mostPending).toBe(1)
  expect(timers.pending).toBe(0)
  return attempts.slice(1).map(({ begunAt }, index) => begunAt - (attempts[index]?.endedAt ?? 0))
}

describe('a connection', () => {
  it('that is accepted and closed at once is tried with growing gaps, up to 30 s', async () => {
    const gaps = await gapsBetween(Array.from({ length: 10 }, () => ({ lastsMs: 0, loss: lost })))
    expect(gaps).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
  })

  it('that was a good one is tried again soon', async () => {
    const gaps = await gapsBetween([{ loss: lost }, { loss: lost }, { lastsMs: 2_000, loss: lost }])
    expect(gaps).toEqual([400, 800, 200])
  })

  it('comes back when a gateway that drains asks for it, but not without a gap when it has just come', async () => {
    const drained = (reconnectInMs: number): Loss => ({ ...lost, reconnectInMs })
    const gaps = await gapsBetween([
      { lastsMs: 5_000, loss: drained(0) },
      { lastsMs: 5_000, loss: drained(4_000) },
      { lastsMs: 10, loss: drained(0) },
      { lastsMs: 10, loss: drained(0) },
      { lastsMs: 10, loss: drained(4_000) },
    ])
    expect(gaps).toEqual([0, 4_000, 400, 800, 4_000])
  })

  it('is not tried before the server asked for it, nor 5 minutes later than that', async () => {
    expect(await gapsBetween([{ loss: refused(7) }, { loss: refused(1e9) }])).toEqual([7_400, 300_800])
  })
})
