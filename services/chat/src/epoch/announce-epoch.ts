import { createEvent } from '@parley/platform/events/create-event.ts'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import type { Logger } from '@parley/platform/log.ts'
import type { EpochStore } from './epoch-store.ts'

/**
 * Has gateways tell their sockets of data that has another epoch than before: sockets may have stayed while chat was
 * stopped for a restore. Once; if it fails, the next start does it, and until then clients find out when they compare.
 */
export async function announceEpoch({
  epochs,
  bus,
  logger,
}: {
  epochs: EpochStore
  bus: Pick<EventBus, 'publish'>
  logger: Logger
}): Promise<void> {
  try {
    const epoch = await epochs.current()
    if (await epochs.isAnnounced()) return
    const of = { source: 'urn:parley:chat', subject: epoch, id: epoch, data: { epoch } }
    await bus.publish([createEvent('chat.epoch-began.v1', of)])
    await epochs.markAnnounced()
  } catch (error) {
    logger.warn({ err: error }, 'the epoch of the data was not announced, the next start tries again')
  }
}
