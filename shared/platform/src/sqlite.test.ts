import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { inTransaction, openSqlite, type SqliteDatabase } from './sqlite.ts'

const createNotes = 'CREATE TABLE notes (text TEXT NOT NULL UNIQUE) STRICT'
const addAuthor = `ALTER TABLE notes ADD COLUMN author TEXT; INSERT INTO notes (text) VALUES ('migrated')`

let folder: ReturnType<typeof createTemporaryFolder>
let opened: SqliteDatabase[]
beforeEach(() => {
  folder = createTemporaryFolder()
  opened = []
})
afterEach(() => {
  for (const database of opened) database.close()
  folder.remove()
})

const file = () => join(folder.path, 'test.sqlite')
const open = (migrations: readonly string[]): SqliteDatabase => {
  const database = openSqlite(file(), migrations)
  opened.push(database)
  return database
}
const closeAll = () => opened.splice(0).forEach((database) => database.close())
const texts = (db: DatabaseSync) =>
  db
    .prepare('SELECT text FROM notes ORDER BY rowid')
    .all()
    .map((row) => row['text'])
const pragma = (db: DatabaseSync, name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]

describe('opening a database file', () => {
  it('syncs what is promised and not what can be computed again', () => {
    const { durable, relaxed } = open([])
    const [normal, full] = [1, 2]
    expect([pragma(durable, 'journal_mode'), pragma(relaxed, 'journal_mode')]).toEqual(['wal', 'wal'])
    expect([pragma(durable, 'synchronous'), pragma(relaxed, 'synchronous')]).toEqual([full, normal])
    expect([pragma(durable, 'foreign_keys'), pragma(relaxed, 'foreign_keys')]).toEqual([1, 1])
  })

  it('gives the room of its log back that a long reader made it take', () => {
    const { durable, relaxed } = open([createNotes])
    const log = `${file()}-wal`
    const fill = durable.prepare('INSERT INTO notes VALUES (hex(randomblob(2000000)))')
    relaxed.exec('BEGIN; SELECT count(*) FROM notes')
    for (let times = 0; times < 10; times += 1) fill.run()
    expect(statSync(log).size).toBeGreaterThan(30_000_000)

    relaxed.exec('COMMIT')
    durable.exec(`PRAGMA wal_checkpoint; INSERT INTO notes VALUES ('small')`)
    expect(statSync(log).size).toBeLessThan(17_000_000)
  })

  it('shows both connections the same data at once', () => {
    const { durable, relaxed } = open([createNotes])
    durable.exec(`INSERT INTO notes VALUES ('one')`)
    expect(texts(relaxed)).toEqual(['one'])
    relaxed.exec(`INSERT INTO notes VALUES ('two')`)
    expect(texts(durable)).toEqual(['one', 'two'])
  })

  it('runs each migration once, in order, and keeps the data', () => {
    open([createNotes]).durable.exec(`INSERT INTO notes VALUES ('old')`)
    closeAll()
    for (const _ of ['first', 'second']) {
      expect(texts(open([createNotes, addAuthor]).durable)).toEqual(['old', 'migrated'])
      closeAll()
    }
  })

  it('runs a migration that ends in a comment once, too', () => {
    const migrations = [`${createNotes}; -- what people wrote`]
    open(migrations)
    closeAll()
    expect(pragma(open(migrations).durable, 'user_version')).toBe(1)
  })

  it('leaves the file as it was when a migration fails', () => {
    open([createNotes]).durable.exec(`INSERT INTO notes VALUES ('old')`)
    closeAll()
    expect(() => open([createNotes, `${addAuthor}; SELECT nonsense`])).toThrow('nonsense')
    const { durable } = open([createNotes, addAuthor])
    expect(texts(durable)).toEqual(['old', 'migrated'])
  })

  it('refuses a file that a newer version of the program wrote', () => {
    open([createNotes, addAuthor])
    closeAll()
    expect(() => open([createNotes])).toThrow(`${file()} is at version 2, but this program knows only 1`)
  })
})

describe('how many rows a statement changed', () => {
  it('is said by what writes rows, and is that of an earlier statement after anything else', () => {
    const { durable } = open([createNotes])
    const changes = (sql: string): number => Number(durable.prepare(sql).run().changes)
    const touchBoth = 'UPDATE notes SET text = text'
    expect(changes(`INSERT INTO notes VALUES ('one'), ('two')`)).toBe(2)
    expect(changes(`UPDATE notes SET text = '' WHERE text = 'none'`)).toBe(0)
    expect(changes(touchBoth)).toBe(2)
    expect(changes(`DELETE FROM notes WHERE text = 'none'`)).toBe(0)
    expect(changes(touchBoth)).toBe(2)
    expect(changes(`INSERT INTO notes SELECT 'none' WHERE 0`)).toBe(0)
    expect(changes(touchBoth)).toBe(2)
    // Stale: nobody here may ask these.
    for (const sql of ['SELECT 1', 'BEGIN', 'COMMIT', 'CREATE TABLE others (text TEXT)'])
      expect(changes(sql)).toBe(2)
  })
})

describe('a transaction', () => {
  it('returns what its work returned, and keeps what it wrote', () => {
    const { durable, relaxed } = open([createNotes])
    const result = inTransaction(
      durable,
      () => durable.prepare(`INSERT INTO notes VALUES ('one')`).run().changes,
    )
    expect(Number(result)).toBe(1)
    expect(texts(relaxed)).toEqual(['one'])
  })

  it('is rolled back when its work throws, and the connection goes on', () => {
    const { durable } = open([createNotes])
    const work = (): never => {
      durable.exec(`INSERT INTO notes VALUES ('one')`)
      throw new Error('changed my mind')
    }
    expect(() => inTransaction(durable, work)).toThrow('changed my mind')
    expect(texts(durable)).toEqual([])
    inTransaction(durable, () => durable.exec(`INSERT INTO notes VALUES ('two')`))
    expect(texts(durable)).toEqual(['two'])
  })

  it('throws the error itself when SQLite has rolled back already', () => {
    const { durable } = open([createNotes])
    const work = () => {
      durable.exec(`INSERT INTO notes VALUES ('one')`)
      durable.exec(`INSERT OR ROLLBACK INTO notes VALUES ('one')`)
    }
    expect(() => inTransaction(durable, work)).toThrow('UNIQUE constraint failed')
    expect(texts(durable)).toEqual([])
  })
})
