import { event as eventSchema, type EventOf } from '@parley/contracts/events.ts'
import { type Failpoints, noFailpoints } from '@parley/platform/failpoints.ts'
import type { Logger } from '@parley/platform/log.ts'
import { createRecentIds } from '@parley/platform/events/recent-ids.ts'
import type { Backplane } from '../backplane.ts'
import type { ParleyServer } from '../connection/parley-socket.ts'
import { sessionRoom, userRoom } from '../connection/rooms.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import type { RecentEvents } from './recent-events.ts'
import { OwnError } from '@parley/platform/own-error.ts'

export const deliveredTypes = [
  'chat.message-created.v1',
  'chat.receipt-advanced.v1',
  'chat.epoch-began.v1',
  'users.session-ended.v1',
] as const
export type DeliveredEvent = EventOf<(typeof deliveredTypes)[number]>

/** How many event ids are remembered at least, to drop an event that comes again. */
const rememberedEvents = 10_000

/** Over so much time clients spread what they ask after all were told at once. */
const compareWithinMs = 5_000

/** From a broker event to the sockets of those whom the event names. */
export interface Delivery {
  /** For the bus. Succeeds once the event is on its way to every gateway. */
  readonly handle: (event: DeliveredEvent) => Promise<void> | void
  /** Emits an event again, without asking whether it was. */
  readonly repeat: (event: DeliveredEvent) => void
}

/**
 * Guarantees: an emit that fails, or that the backplane did not take, throws, so that the event comes again;
 * an event that was delivered is dropped when it comes again (as far as memory reaches: clients drop the
 * rest by `seq`); an event that is not as its contract says is logged and dropped, since it would fail for
 * ever.
 *
 * With a backplane one emit per user, never one to a list of rooms: with the sharded Redis adapter each room has a
 * channel that only the gateways with that user listen to, but a list of rooms goes to all gateways. Without one,
 * one emit for all.
 */
export function createDelivery({
  io,
  backplane,
  recent,
  logger,
  metrics,
  failpoints = noFailpoints,
}: {
  io: ParleyServer
  /** Sockets are on this gateway only without one. */
  backplane?: Backplane | undefined
  /** Gets what other gateways were told. */
  recent: RecentEvents
  logger: Logger
  metrics: GatewayMetrics
  failpoints?: Failpoints | undefined
}): Delivery {
  const delivered = createRecentIds(rememberedEvents)

  /** What to emit to, in as many emits. */
  const rooms = (userIds: readonly string[]): (string | string[])[] =>
    backplane === undefined ? [userIds.map(userRoom)] : userIds.map(userRoom)

  function deliver(event: DeliveredEvent): void {
    switch (event.type) {
      case 'chat.message-created.v1': {
        const { entry, recipientIds } = event.data
        for (const room of rooms(recipientIds)) io.to(room).emit('timeline:entry', entry)
        metrics.entries.inc(recipientIds.length)
        break
      }
      case 'chat.receipt-advanced.v1': {
        const { recipientIds, ...receipt } = event.data
        for (const room of rooms(recipientIds)) io.to(room).emit('receipt:advanced', receipt)
        metrics.receipts.inc(recipientIds.length)
        break
      }
      case 'chat.epoch-began.v1': {
        // For everybody. What it means is for clients to find out.
        io.emit('timeline:behind', { withinMs: compareWithinMs })
        break
      }
      case 'users.session-ended.v1': {
        const { sessionId, reason } = event.data
        const room = sessionRoom(sessionId)
        io.to(room).emit('session:ended', { reason })
        io.in(room).disconnectSockets(true)
        metrics.endings.inc()
        break
      }
    }
  }

  async function whenPublished(event: DeliveredEvent, by: Backplane): Promise<void> {
    // Not later: what is asked for again is all that was emitted until then.
    recent.add(event)
    await by.published()
    failpoints.hit('after-emit')
    delivered.add(event.id)
  }

  return {
    handle(event) {
      if (delivered.has(event.id)) return undefined
      // Between an outage and the end of the subscription.
      if (backplane?.available() === false) throw new OwnError('the other gateways cannot be reached now')
      failpoints.hit('after-consume')
      try {
        deliver(event)
      } catch (error) {
        // Checked only now: the publisher and the bus check events, and doing so for each delivery costs CPU.
        if (eventSchema.safeParse(event).success) throw error
        metrics.malformed.inc()
        logger.error({ err: error, eventId: event.id, type: event.type }, 'malformed event dropped')
        return undefined
      }
      if (backplane !== undefined) return whenPublished(event, backplane)
      failpoints.hit('after-emit')
      delivered.add(event.id)
      return undefined
    },
    repeat: deliver,
  }
}
