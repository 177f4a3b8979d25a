import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { DataFolderInUseError, openDataFolder } from './data-folder.ts'

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
    expect(data.secret('refresh-secret', () => 'first')).toBe('first')
    expect(data.secret('refresh-secret', () => 'second')).toBe('first')
    expect(statSync(data.file('refresh-secret')).mode & 0o777).toBe(0o600)
    data.unlock()
  })

  it('never holds half a secret, whatever stopped the one who made it', () => {
    const data = openDataFolder(folder.path)
    writeFileSync(data.file('signing-key.pem.new'), 'hal')
    expect(data.secret('signing-key.pem', () => 'whole')).toBe('whole')
    // An earlier release left this behind on a full disk.
    writeFileSync(data.file('refresh-secret'), '')
    expect(() => data.secret('refresh-secret', () => 'new')).toThrow('refresh-secret is empty')
    data.unlock()
  })

  it('says what is wrong with a folder that is not in use but cannot be worked on', () => {
    mkdirSync(join(folder.path, 'lock.sqlite'))
    expect(() => openDataFolder(folder.path)).toThrow('unable to open database file')
    writeFileSync(join(folder.path, 'file'), '')
    expect(() => openDataFolder(join(folder.path, 'file'))).toThrow('EEXIST')
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
