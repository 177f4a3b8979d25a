import type { Event } from '@parley/contracts/events.ts'

/** An event that was written together with the change it tells of, and is not known to be published yet. */
export interface PendingEvent {
  /** What `markPublished` takes; unique within its outbox. */
  readonly key: string
  readonly event: Event
}

/** Where a service keeps what it still has to publish. A part of a store, never a store of its own. */
export interface Outbox {
  /** The oldest pending events, at most `limit`. */
  pending(limit: number): Promise<PendingEvent[]>
  /** Marks events as published; unknown keys are ignored. */
  markPublished(keys: readonly string[]): Promise<void>
}
