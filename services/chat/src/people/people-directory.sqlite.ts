import type { SqliteDatabase } from '@parley/platform/sqlite.ts'
import type { PeopleDirectory } from './people-directory.ts'

export const peopleTables = `
  CREATE TABLE people (
    id TEXT PRIMARY KEY,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`

export function createSqlitePeopleDirectory({ relaxed }: SqliteDatabase): PeopleDirectory {
  const upsert = relaxed.prepare(
    `INSERT INTO people (id, first_name, last_name) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name`,
  )
  const selectMany = relaxed.prepare('SELECT * FROM people WHERE id IN (SELECT value FROM json_each(?))')

  return {
    async put({ id, firstName, lastName }) {
      upsert.run(id, firstName, lastName)
    },
    async findMany(ids) {
      return selectMany.all(JSON.stringify(ids)).map((row) => ({
        id: String(row['id']),
        firstName: String(row['first_name']),
        lastName: String(row['last_name']),
      }))
    },
  }
}
