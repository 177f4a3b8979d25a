import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSqlite } from '@parley/platform/sqlite.ts'
import { DatabaseSync } from 'node:sqlite'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { DamagedFolderError, DataFolderInUseError, openDataFolder } from './data-folder.ts'

describe('data folder', () => {
  let folder: ReturnType<typeof createTemporaryFolder>
  beforeEach(() => {
    folder = createTemporaryFolder()
  })
  afterEach(() => folder.remove())

  it('is created, and is for one process at a time', () => {
    const path = join(folder.path, 'new', 'data')
    const first = openDataFolder(path)
    expect(first.holdsData()).toBe(false)
    expect(() => openDataFolder(path)).toThrow(DataFolderInUseError)
    first.unlock()
    openDataFolder(path).unlock()
  })

  it('makes a secret once, for its owner only', () => {
    const data = openDataFolder(folder.path)
    const secret = data.secret('refresh-secret')
    expect(Buffer.from(secret, 'hex')).toHaveLength(32)
    expect(data.secret('refresh-secret')).toBe(secret)
    expect(statSync(data.file('refresh-secret')).mode & 0o777).toBe(0o600)
    data.unlock()
  })

  it('never holds half a secret, whatever stopped the one who made it', () => {
    const data = openDataFolder(folder.path)
    writeFileSync(data.file('refresh-secret.new'), 'hal')
    expect(data.secret('refresh-secret')).toHaveLength(64)
    data.unlock()
  })

  it.each([
    ['signing-key.pem', '', 'is empty'],
    ['signing-key.pem', createSigningKeyPem().slice(0, 100), 'is no EC key on the curve P-256 in PEM'],
    ['refresh-secret', '', 'is empty'],
    ['refresh-secret', 'too short', 'has 9 characters, and must have at least 32'],
  ] as const)('takes no %s of %j for a secret', (name, text, fault) => {
    const data = openDataFolder(folder.path)
    writeFileSync(data.file(name), text)
    expect(() => data.secret(name)).toThrow(`${data.file(name)} ${fault}`)
    expect(() => data.secret(name)).toThrow('delete it, and the next start makes another')
    data.unlock()
  })

  it('is for its owner only, with all that is put into it', () => {
    const before = process.umask(0o022)
    const data = openDataFolder(join(folder.path, 'new', 'data'))
    try {
      const database = openSqlite(data.file('chat.sqlite'), ['CREATE TABLE t (a TEXT) STRICT'])
      database.durable.exec(`INSERT INTO t VALUES ('x')`)
      data.secret('refresh-secret')
      const modes = readdirSync(data.file('.')).map((name) => [name, statSync(data.file(name)).mode & 0o777])
      expect(modes.map(([name]) => name)).toEqual(
        expect.arrayContaining([
          'chat.sqlite',
          'chat.sqlite-shm',
          'chat.sqlite-wal',
          'lock.sqlite',
          'refresh-secret',
        ]),
      )
      expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([])
      expect(statSync(data.file('.')).mode & 0o777).toBe(0o700)
      expect(data.readableByOthers()).toEqual([])
      database.close()
    } finally {
      process.umask(before)
      data.unlock()
    }
  })

  it('says what others can read of an older one, as long as the folder lets them in', () => {
    chmodSync(folder.path, 0o755)
    for (const name of ['auth.sqlite', 'chat.sqlite', 'holiday.jpg'])
      writeFileSync(join(folder.path, name), '')
    chmodSync(join(folder.path, 'auth.sqlite'), 0o600)
    chmodSync(join(folder.path, 'chat.sqlite'), 0o640)
    const data = openDataFolder(folder.path)
    expect(data.readableByOthers()).toEqual(['chat.sqlite'])
    chmodSync(folder.path, 0o700)
    expect(data.readableByOthers()).toEqual([])
    data.unlock()
  })

  it('says what is wrong with a folder that is not in use but cannot be worked on', () => {
    mkdirSync(join(folder.path, 'lock.sqlite'))
    expect(() => openDataFolder(folder.path)).toThrow('unable to open database file')
    writeFileSync(join(folder.path, 'file'), '')
    expect(() => openDataFolder(join(folder.path, 'file'))).toThrow('EEXIST')
  })

  it('says what a lock is that is damaged', () => {
    writeFileSync(join(folder.path, 'lock.sqlite'), 'no database at all. '.repeat(100))
    expect(() => openDataFolder(folder.path)).toThrow(DamagedFolderError)
    expect(() => openDataFolder(folder.path)).toThrow(
      `${join(folder.path, 'lock.sqlite')} is damaged; it holds no data, and only keeps two Parleys apart`,
    )
  })

  describe('of which a half is there', () => {
    const makeUsers = (file: string, count: number): void => {
      const database = new DatabaseSync(file)
      database.exec('CREATE TABLE users (id TEXT)')
      for (let made = 0; made < count; made += 1) database.exec("INSERT INTO users VALUES ('a')")
      database.close()
    }

    it.each([
      ['auth.sqlite', 'chat.sqlite'],
      ['chat.sqlite', 'auth.sqlite'],
    ])('%s only, is refused', (there, missing) => {
      const data = openDataFolder(folder.path)
      makeUsers(data.file(there), 1)
      expect(() => data.requireWhole()).toThrow(DamagedFolderError)
      expect(() => data.requireWhole()).toThrow(`${folder.path} holds ${there}, but not ${missing}`)
      makeUsers(data.file(missing), 1)
      data.requireWhole()
      data.unlock()
    })

    it('because the first start was ended early, is not refused', () => {
      const data = openDataFolder(folder.path)
      data.requireWhole()
      makeUsers(data.file('auth.sqlite'), 0)
      data.requireWhole()
      data.unlock()
    })
  })

  it('deletes what Parley keeps in it, says what, and touches nothing else', () => {
    const own = ['auth.sqlite', 'chat.sqlite', 'auth.sqlite-wal', 'signing-key.pem']
    for (const name of [...own, 'holiday.jpg']) writeFileSync(join(folder.path, name), name)
    const data = openDataFolder(folder.path)
    expect(data.holdsData()).toBe(true)
    expect(data.deleteData()).toEqual(own)
    expect(data.holdsData()).toBe(false)
    expect(data.deleteData()).toEqual([])
    data.unlock()
    expect(readdirSync(folder.path).toSorted()).toEqual(['holiday.jpg', 'lock.sqlite'])
  })
})
