import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { isRetryable } from '../client-error.ts'
import { linkAbort } from '../time/abort.ts'
import type { Timers } from '../time/timers.ts'
import type { SendOnce } from './sender.ts'

/** How long an answer over HTTP may take once there is a socket again. */
const patienceMs = 1_000

/**
 * One attempt over HTTP, and over the next socket as well if there is one before the answer: connections of HTTP
 * that stood before a path died may be as dead as the socket was, and say so no sooner. The server stores what
 * comes both ways once.
 * @param onConnected calls when there is a new connection; returns how to stop
 */
export function createSendBothWays({
  bySocket,
  byHttp,
  onConnected,
  timers,
}: {
  bySocket: () => SendOnce | undefined
  byHttp: SendOnce
  onConnected: (listener: () => void) => () => void
  timers: Timers
}): SendOnce {
  return (message, signal) =>
    new Promise<TimelineEntry>((resolve, reject) => {
      const abort = linkAbort(signal)
      let underWay = 0
      let cancel: (() => void) | undefined

      function end(): void {
        stop()
        cancel?.()
        abort.abort()
        abort.release()
      }
      function start(send: SendOnce): void {
        underWay += 1
        send(message, abort.signal).then(
          (entry) => {
            end()
            resolve(entry)
          },
          (error: unknown) => {
            underWay -= 1
            if (underWay > 0 && isRetryable(error)) return
            end()
            reject(error)
          },
        )
      }
      const stop = onConnected(() => {
        cancel?.()
        cancel = timers.after(patienceMs, () => {
          const send = bySocket()
          if (send !== undefined) start(send)
        })
      })
      start(byHttp)
    })
}
