import { readdirSync, statSync, writeFileSync } from 'node:fs'
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
    expect(first.existed).toBe(false)
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

  it('forgets its data when it is reset, and touches nothing else', () => {
    for (const name of ['auth.sqlite', 'auth.sqlite-wal', 'chat.sqlite', 'signing-key.pem', 'holiday.jpg']) {
      writeFileSync(join(folder.path, name), name)
    }
    const data = openDataFolder(folder.path, { reset: true })
    expect(data.existed).toBe(false)
    data.unlock()
    expect(readdirSync(folder.path).toSorted()).toEqual(['holiday.jpg', 'lock.sqlite'])
  })
})
