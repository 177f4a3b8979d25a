import { ParleyClientError, retryAfterMs } from '../client-error.ts'
import type { Session } from '../session/session.ts'
import type { Backoff } from '../time/backoff.ts'
import { sleep, type Timers } from '../time/timers.ts'
import type { Command, Link, LinkEvents, Loss, openLink } from './open-link.ts'

/** Keeps one socket connected, for as long as it is wanted. */
export interface Connection {
  readonly isConnected: boolean
  readonly command: Command
  /** Connects, and again after every loss, until aborted. Never rejects. */
  keep(signal: AbortSignal): Promise<void>
}

export type OpenLink = (
  options: Pick<Parameters<typeof openLink>[0], 'token' | 'onConnected' | 'onLost' | 'events'>,
) => Link

const left: Loss = { error: new ParleyClientError('disconnected'), tokenRefused: false }

/** A connection that lasted so long was a good one: the next gap is a short one again. */
const stableMs = 2_000

/**
 * @param onConnecting told whenever there is no connection and one is being made
 * @param onConnected told on each connection, with a signal that is aborted when it is lost
 * @param onFailure told why a connection could not be made, or was lost, and whether it came as far as the gateway
 */
export function createConnection({
  open,
  session,
  events,
  onConnecting,
  onConnected,
  onFailure,
  timers,
  backoff,
}: {
  open: OpenLink
  session: Session
  events: Omit<LinkEvents, 'session:ended'>
  onConnecting: () => void
  onConnected: (lost: AbortSignal) => void
  onFailure: (error: unknown, by: 'gateway' | 'session') => void
  timers: Timers
  backoff: Backoff
}): Connection {
  let link: Link | undefined

  /** One connection from its beginning to its end. */
  function hold(token: string, signal: AbortSignal): Promise<Loss & { stable: boolean }> {
    const lost = new AbortController()
    let connectedAt = Infinity
    return new Promise((resolve) => {
      const end = (loss: Loss): void => {
        link = undefined
        opened.close()
        signal.removeEventListener('abort', stop)
        lost.abort()
        if (!signal.aborted) onConnecting()
        resolve({ ...loss, stable: timers.now() - connectedAt >= stableMs })
      }
      const stop = (): void => end(left)
      const opened = open({
        token,
        onConnected() {
          link = opened
          connectedAt = timers.now()
          onConnected(lost.signal)
        },
        onLost: end,
        events: {
          ...events,
          'session:ended'({ reason }) {
            if (reason === 'token-expired')
              end({ error: new ParleyClientError('unavailable'), tokenRefused: true })
            else session.stop({ reason })
          },
        },
      })
      signal.addEventListener('abort', stop)
    })
  }

  async function attempt(
    signal: AbortSignal,
  ): Promise<Loss & { stable: boolean; by: 'gateway' | 'session' }> {
    try {
      const token = await session.accessToken()
      if (signal.aborted) return { ...left, stable: false, by: 'session' }
      const loss = await hold(token, signal)
      if (loss.tokenRefused) await session.refused(token)
      return { ...loss, by: 'gateway' }
    } catch (error) {
      return { error, tokenRefused: false, stable: false, by: 'session' }
    }
  }

  return {
    get isConnected() {
      return link !== undefined
    },
    command: async (event, payload) => {
      if (link === undefined) throw new ParleyClientError('unavailable')
      return await link.command(event, payload)
    },
    async keep(signal) {
      onConnecting()
      for (let failures = 0; !signal.aborted;) {
        const { error, reconnectInMs, stable, by } = await attempt(signal)
        if (signal.aborted) return
        onFailure(error, by)
        failures = stable ? 0 : failures + 1
        const gap = backoff(failures, retryAfterMs(error))
        // A gateway that sends away whoever has just come must not be asked again and again without a gap.
        await sleep(timers, stable ? (reconnectInMs ?? gap) : Math.max(reconnectInMs ?? 0, gap), signal)
      }
    },
  }
}
