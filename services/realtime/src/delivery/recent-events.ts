import type { DeliveredEvent } from './deliver-event.ts'

/** The last events that were delivered, oldest first. */
export interface RecentEvents {
  add(event: DeliveredEvent): void
  /** What was added in that time, and whether that is all of it or the oldest may be forgotten. */
  between(from: number, to: number): { events: readonly DeliveredEvent[]; all: boolean }
}

/**
 * @param most how many are remembered
 * @param now the clock, in milliseconds
 */
export function createRecentEvents({
  most = 5_000,
  now = () => performance.now(),
}: { most?: number; now?: () => number } = {}): RecentEvents {
  /** A ring: once it is full, the oldest is at `next`. */
  const ring: { event: DeliveredEvent; at: number }[] = []
  let next = 0

  return {
    add(event) {
      ring[next] = { event, at: now() }
      next = (next + 1) % most
    },
    between(from, to) {
      const remembered = ring.length < most ? ring : [...ring.slice(next), ...ring.slice(0, next)]
      const oldest = remembered[0]
      return {
        events: remembered.filter(({ at }) => at >= from && at <= to).map(({ event }) => event),
        all: remembered.length < most || oldest === undefined || oldest.at < from,
      }
    },
  }
}
