import type { SqliteDatabase } from '@parley/platform/sqlite.ts'
import { type ChangeClock, type Clocks, createChangeClock } from './change-clock.ts'

/** Begins beyond all positions of releases that took them from the wall clock. */
export const changeClockTables = `
  CREATE TABLE change_clock (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL) STRICT;
  INSERT INTO change_clock
    SELECT 1, 1 + max(ifnull(max(changed_at), 0), CAST(unixepoch('subsec') * 1000 AS INTEGER)) FROM conversation_members;
`

/** How far a power cut may set the clock back: well below what comparisons overlap. */
const unsyncedMs = 10_000

export function createSqliteChangeClock({ durable, relaxed }: SqliteDatabase, clocks?: Clocks): ChangeClock {
  const update = 'UPDATE change_clock SET position = max(position, ?) RETURNING position'
  const [put, putOnDisk] = [relaxed.prepare(update), durable.prepare(update)]
  let onDisk = -Infinity
  return createChangeClock(async (wanted) => {
    const isDue = wanted - onDisk >= unsyncedMs
    const position = Number((isDue ? putOnDisk : put).get(wanted)?.['position'])
    if (isDue) onDisk = position
    return position
  }, clocks)
}
