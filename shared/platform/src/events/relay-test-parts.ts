import type { Event } from '@parley/contracts/events.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { createMetrics } from '../metrics.ts'
import { createEvent } from './create-event.ts'
import type { EventBus } from './event-bus.ts'
import type { Outbox, PendingEvent } from './outbox.ts'
import { createRelay, createRelayMetrics, type Relay } from './relay.ts'
import { OwnError } from '../own-error.ts'

// What the tests of the relay are made of.

export const eventType = 'users.session-ended.v1'
const pendingEvent = (key: string): PendingEvent => ({
  key,
  event: createEvent(eventType, {
    id: `event-${key}`,
    source: 'test',
    subject: 'session-1',
    data: {
      sessionId: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11',
      userId: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10',
      reason: 'logout',
    },
  }),
})
export const pendingEvents = (...keys: readonly string[]) => keys.map(pendingEvent)
const keyOf = ({ id }: Event) => id.replace('event-', '')

/** What a store keeps when its process dies. */
export function createArrayOutbox(...keys: readonly string[]): Outbox & { keys(): string[] } {
  let rows = pendingEvents(...keys)
  return {
    pending: (limit) => Promise.resolve(rows.slice(0, limit)),
    async markPublished(published) {
      rows = rows.filter(({ key }) => !published.includes(key))
    },
    keys: () => rows.map(({ key }) => key),
  }
}

/** A bus that records what it takes; `accept` may refuse an event, or take its time. */
export function createRecordingBus(accept: (key: string) => Promise<void> | void = () => undefined) {
  const taken: string[] = []
  const windows: string[][] = []
  const bus: EventBus = {
    async publish(events) {
      const keys = events.map(keyOf)
      windows.push(keys)
      for (const key of keys) await accept(key)
      taken.push(...keys)
    },
    subscribe: () => Promise.reject(new Error('not needed')),
    close: () => Promise.resolve(),
  }
  return { bus, taken, windows }
}

/** For a bus that does not take the events of these keys. */
export const refuse =
  (...keys: readonly string[]) =>
  (key: string) => {
    if (keys.includes(key)) throw new OwnError(`no ${key}`)
  }

/** Starts relays that sweep only when a test says so, unless it says otherwise. */
export function createRelayStarter() {
  const relays: Relay[] = []
  const { logger, lines } = createRecordingLogger()
  const metrics = createMetrics()
  const relayMetrics = createRelayMetrics(metrics)
  return {
    lines,
    readMetrics: () => metrics.registry.metrics(),
    start: (
      outbox: Outbox,
      bus: EventBus,
      options: { sweepMs?: number; windowSize?: number; maxBuffered?: number } = {},
    ): Relay => {
      const common = { name: 'test', outbox, bus, logger, metrics: relayMetrics, sweepMs: 1_000_000_000 }
      const relay = createRelay({ ...common, ...options })
      relays.push(relay)
      if (options.sweepMs !== undefined) void relay.start()
      return relay
    },
    closeAll: () => Promise.all(relays.map((relay) => relay.close())),
  }
}
