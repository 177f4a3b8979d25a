import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { ParleyError } from './parley-error.ts'
import { sqliteTroubleOf, type SqliteTrouble, watchSqliteTrouble } from './sqlite-trouble.ts'
import { inTransaction, openSqlite, type SqliteDatabase } from './sqlite.ts'

describe('a database file that cannot be written', () => {
  const folder = createTemporaryFolder()
  let files = 0
  let database: SqliteDatabase
  let trouble: SqliteTrouble
  let recorded: ReturnType<typeof createRecordingLogger>
  beforeEach(() => {
    const file = join(folder.path, `${(files += 1)}.sqlite`)
    database = openSqlite(file, ['CREATE TABLE notes (text TEXT NOT NULL UNIQUE) STRICT'])
    recorded = createRecordingLogger()
    trouble = watchSqliteTrouble({ database, file, logger: recorded.logger })
  })
  afterEach(() => {
    trouble.close()
    database.close()
  })
  afterAll(() => folder.remove())

  const openNotes = () => {
    const insert = database.durable.prepare('INSERT INTO notes VALUES (?)')
    return trouble.guard({
      // As a store writes: several rows that are there together, or none.
      add: async (...texts: string[]) =>
        inTransaction(database.durable, () => texts.forEach((text) => insert.run(text))),
      all: async () => database.relaxed.prepare('SELECT text FROM notes ORDER BY rowid').all().length,
    })
  }
  const long = (text: string): string => text.repeat(3_000)
  const page = (db: SqliteDatabase): number =>
    Number(Object.values(db.durable.prepare('PRAGMA page_count').get() ?? {})[0])
  const letGrowBy = (pages: number): void =>
    database.durable.exec(`PRAGMA max_page_count = ${page(database) + pages}`)
  const setReadOnly = (on: boolean): void => database.durable.exec(`PRAGMA query_only = ${on ? 'ON' : 'OFF'}`)

  it('refuses writes as `unavailable` when there is no room, keeps nothing of them, and can be read', async () => {
    const notes = openNotes()
    await notes.add('kept')
    letGrowBy(2)
    const refused = { code: 'unavailable', details: { retryAfterSeconds: 2, logged: true } }
    await expect(notes.add('a', long('b'), long('c'), long('d'))).rejects.toMatchObject(refused)
    await expect(notes.add('a', long('b'), long('c'), long('d'))).rejects.toBeInstanceOf(ParleyError)
    expect(await notes.all()).toBe(1)

    letGrowBy(1_000)
    await notes.add('a', long('b'), long('c'), long('d'))
    expect(await notes.all()).toBe(5)
  })

  it('says so where health is asked, and takes it back by itself', async () => {
    const notes = openNotes()
    setReadOnly(true)
    await expect(notes.add('a')).rejects.toMatchObject({ code: 'unavailable' })
    expect(() => trouble.check()).toThrow('the file is read-only')

    setReadOnly(false)
    await eventually(() => trouble.check())
    await notes.add('a')
  })

  it('is told of in the log once, however many writes are refused, and again when it is over', async () => {
    const notes = openNotes()
    setReadOnly(true)
    for (let tries = 0; tries < 50; tries += 1) await notes.add('a').catch(() => undefined)
    expect(recorded.lines).toMatchObject([{ level: 50, msg: expect.stringContaining('make room') }])

    setReadOnly(false)
    await eventually(() => expect(recorded.lines[1]).toMatchObject({ level: 40 }))
    expect(recorded.lines).toHaveLength(2)
  })

  it.each([
    [5, 'another program holds the database'],
    [13, 'the disk is full'],
    // SQLITE_IOERR_WRITE, SQLITE_READONLY_DIRECTORY
    [778, 'the disk fails, or is full'],
    [1_544, 'the file is read-only'],
    // SQLITE_CORRUPT, SQLITE_CONSTRAINT_UNIQUE
    [11, undefined],
    [2_067, undefined],
  ])('knows SQLite’s code %d', (errcode, words) => {
    expect(sqliteTroubleOf(Object.assign(new Error('no'), { errcode }))).toBe(words)
  })

  it('that is damaged is told of in the log once, and where health is asked', async () => {
    const damaged = trouble.guard({
      read: async (): Promise<void> => {
        throw Object.assign(new Error('database disk image is malformed'), { errcode: 11 })
      },
    })
    const refused = { code: 'internal', details: { logged: true } }
    for (let tries = 0; tries < 5; tries += 1) await expect(damaged.read()).rejects.toMatchObject(refused)
    expect(recorded.lines).toMatchObject([{ level: 50, msg: expect.stringContaining('restore a backup') }])
    expect(() => trouble.check()).toThrow('is damaged: database disk image is malformed')
  })

  it('passes other errors on as they are', async () => {
    const notes = openNotes()
    await notes.add('a')
    await expect(notes.add('a')).rejects.toThrow('UNIQUE constraint failed')
    expect(() => trouble.check()).not.toThrow()
  })
})
