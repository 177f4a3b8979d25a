import type { RequestHandler } from 'express'
import type { SecurityLog } from '../security-log.ts'
import { networkAsking } from './note-address.ts'
import { createSharedRoom } from './shared-room.ts'

/** More than sixty of the largest pages. */
const unsentBytes = 32 * 1_024 * 1_024

/**
 * Bounds the answers that clients do not read: what the operating system does not take stays in this process. Where
 * all of them are too much, the connection is cut that has not read its answer for longest, of the network with most
 * unread. A client that reads slowly is not bothered as long as there is room.
 */
export function boundUnsentAnswers({
  most = unsentBytes,
  security,
}: {
  most?: number
  security: SecurityLog
}): RequestHandler {
  const room = createSharedRoom({ most })
  return (_request, response, next) => {
    response.once('prefinish', () => {
      const { socket } = response
      const bytes = socket?.writableLength ?? 0
      if (bytes === 0) return
      const network = networkAsking(response)
      const taken = room.hold(network, bytes, () => {
        security.note('client-shed', { network, reason: 'unread-answers' })
        socket?.destroy()
      })
      response.once('close', taken)
    })
    next()
  }
}
