import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteAuthStores } from '@parley/auth/stores.sqlite.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { restore } from './restore.ts'

describe('restore', () => {
  const folder = createTemporaryFolder()
  const [live, killed, data] = ['live', 'killed', 'data'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  afterAll(() => folder.remove())

  it('brings back all of a folder whose Parley was killed, such as one that was moved aside', async () => {
    mkdirSync(live)
    const [auth, chat] = [
      openSqliteAuthStores(join(live, 'auth.sqlite')),
      openSqliteChatStores(join(live, 'chat.sqlite')),
    ]
    const [id, createdAt] = ['0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11', '2026-01-02T03:04:05.678Z']
    await chat.conversations.create({ id, kind: 'direct', memberIds: ['a', 'b'], createdAt })
    // What was written last is in the log of the database, as long as nobody closes it.
    cpSync(live, killed, { recursive: true })
    await auth.close()
    await chat.close()
    expect(existsSync(join(killed, 'chat.sqlite-wal'))).toBe(true)

    expect(await restore({ from: killed, to: data })).toContain('1 conversation')
    expect(await restore({ from: killed, to: data })).toContain('1 conversation')
  })
})
