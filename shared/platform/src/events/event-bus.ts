import type { EventOf, EventType, Event } from '@parley/contracts/events.ts'

/**
 * Handles one event. It may be called again with the same event (at least once), so it must be idempotent
 * by `event.id`. A rejection means "not handled": the event comes again.
 */
export type EventHandler<T extends EventType> = (event: EventOf<T>) => Promise<void> | void

export interface Subscription<T extends EventType> {
  /** Subscribers that name the same queue share its events; each queue gets every event once. */
  readonly queue: string
  /**
   * A queue of this subscription alone, whatever others name theirs: every process hears every event. It goes with the
   * subscription or its connection, what was published meanwhile is not heard, and one that failed may not come again:
   * only for what can be asked for elsewhere.
   */
  readonly own?: boolean
  readonly types: readonly T[]
  readonly handle: EventHandler<T>
}

/** Carries events from the service that publishes them to every queue that asked for their type. */
export interface EventBus {
  /**
   * Resolves once all the events are safe with the bus: with a broker when it confirmed them, in one process
   * when every handler succeeded. Rejects when any of them is not; publishing them again is always allowed.
   */
  publish(events: readonly Event[]): Promise<void>
  /** Resolves to a function that stops the subscription and waits for its handlers under way. */
  subscribe<T extends EventType>(subscription: Subscription<T>): Promise<() => Promise<void>>
  /** Publishes no more and waits for the handlers under way. */
  close(): Promise<void>
}
