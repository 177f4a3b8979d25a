import { randomUUID } from 'node:crypto'
import type { SqliteDatabase } from '@parley/platform/sqlite.ts'
import type { EpochStore } from './epoch-store.ts'

export const epochTables = `
  CREATE TABLE epoch (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    announced INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`

export function createSqliteEpochStore({ durable }: SqliteDatabase): EpochStore {
  const make = durable.prepare('INSERT INTO epoch (one, epoch) VALUES (1, ?) ON CONFLICT DO NOTHING')
  const replace = durable.prepare('INSERT OR REPLACE INTO epoch (one, epoch) VALUES (1, ?)')
  const select = durable.prepare('SELECT epoch, announced FROM epoch')
  const announce = durable.prepare('UPDATE epoch SET announced = 1')
  let known: string | undefined

  return {
    async current() {
      if (known !== undefined) return known
      const epoch = select.get()?.['epoch']
      if (epoch === undefined) make.run(randomUUID())
      return (known = String(epoch ?? select.get()?.['epoch']))
    },
    async renew() {
      known = randomUUID()
      replace.run(known)
      return known
    },
    async isAnnounced() {
      return select.get()?.['announced'] === 1
    },
    async markAnnounced() {
      announce.run()
    },
  }
}
