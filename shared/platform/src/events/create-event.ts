import { randomUUID } from 'node:crypto'
import type { EventData, EventOf, EventType } from '@parley/contracts/events.ts'

/** Wraps data in a CloudEvents 1.0 envelope. Give an `id` where the same fact must keep the same one. */
export function createEvent<T extends EventType>(
  type: T,
  {
    source,
    subject,
    data,
    id = randomUUID(),
    time = new Date().toISOString(),
  }: { source: string; subject: string; data: EventData<T>; id?: string; time?: string },
): EventOf<T> {
  const event = {
    specversion: '1.0',
    id,
    source,
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    data,
  }
  // TypeScript cannot see that a generic `type` and its `data` belong to one member of the union.
  return event as unknown as EventOf<T>
}
