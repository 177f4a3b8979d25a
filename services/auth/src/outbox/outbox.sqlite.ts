import type { Event } from '@parley/contracts/events.ts'
import type { Outbox } from '@parley/platform/events/outbox.ts'
import type { SqliteDatabase } from '@parley/platform/sqlite.ts'

export const outboxTables = `
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL -- JSON
  ) STRICT;
`

export interface SqliteOutbox extends Outbox {
  /** Writes an event on the durable connection: call it in the transaction of the change it tells of. */
  append(event: Event): void
}

export function createSqliteOutbox({ durable, relaxed }: SqliteDatabase): SqliteOutbox {
  const insert = durable.prepare('INSERT INTO outbox (event_id, event) VALUES (?, ?)')
  const selectOldest = relaxed.prepare('SELECT event_id, event FROM outbox ORDER BY position LIMIT ?')
  const remove = relaxed.prepare('DELETE FROM outbox WHERE event_id IN (SELECT value FROM json_each(?))')
  return {
    append(event) {
      insert.run(event.id, JSON.stringify(event))
    },
    async pending(limit) {
      return selectOldest.all(limit).flatMap((row) => {
        const event = eventOf(row)
        return event === undefined ? [] : [{ key: String(row['event_id']), event }]
      })
    },
    async markPublished(keys) {
      remove.run(JSON.stringify(keys))
    },
  }
}

/** One that is damaged stays where it is, and holds up no other. */
function eventOf(row: Record<string, unknown>): Event | undefined {
  try {
    return JSON.parse(String(row['event'])) as Event
  } catch {
    return undefined
  }
}
