import type { SqliteDatabase } from '@parley/platform/sqlite.ts'
import { type ChangeClock, type Clocks, createChangeClock } from './change-clock.ts'

/** Begins beyond all positions of releases that took them from the wall clock. */
export const changeClockTables = `
  CREATE TABLE change_clock (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL) STRICT;
  INSERT INTO change_clock
    SELECT 1, 1 + max(ifnull(max(changed_at), 0), CAST(unixepoch('subsec') * 1000 AS INTEGER)) FROM conversation_members;
`

export function createSqliteChangeClock({ relaxed }: SqliteDatabase, clocks?: Clocks): ChangeClock {
  const sync = relaxed.prepare('UPDATE change_clock SET position = max(position, ?) RETURNING position')
  return createChangeClock(async (position) => Number(sync.get(position)?.['position']), clocks)
}
