import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { watchSqliteDamage } from './sqlite-damage.ts'
import { openSqlite } from './sqlite.ts'

describe('a database file', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())
  let files = 0

  function makeFile(): string {
    const file = join(folder.path, `${(files += 1)}.sqlite`)
    const database = openSqlite(file, ['CREATE TABLE notes (text TEXT NOT NULL UNIQUE) STRICT'])
    const insert = database.durable.prepare('INSERT INTO notes VALUES (?)')
    for (let count = 0; count < 500; count += 1) insert.run(`${count} ${'x'.repeat(200)}`)
    database.close()
    return file
  }
  async function look(file: string) {
    const { logger, lines } = createRecordingLogger()
    const damage = watchSqliteDamage({ file, logger })
    await damage.looked
    await damage.close()
    return { damage, lines }
  }

  it('that is whole is not told of', async () => {
    const { damage, lines } = await look(makeFile())
    expect(() => damage.check()).not.toThrow()
    expect(lines).toEqual([])
  })

  it.each([
    ['of which pages were overwritten', 4_096 * 5, 'x'],
    ['that is no database', 0, 'x'],
  ])('%s is told of where health is asked, and once in the log', async (_, from, text) => {
    const file = makeFile()
    const bytes = readFileSync(file)
    bytes.fill(text, from, from + 4_096 * 3)
    writeFileSync(file, bytes)
    const { damage, lines } = await look(file)
    expect(() => damage.check()).toThrow(`${file} is damaged: `)
    expect(lines).toMatchObject([{ level: 50, file, msg: expect.stringContaining('restore a backup') }])
  })

  it('that cannot be looked at is not called damaged', async () => {
    const { damage, lines } = await look(join(folder.path, 'missing', 'chat.sqlite'))
    expect(() => damage.check()).not.toThrow()
    expect(lines).toMatchObject([{ level: 40 }])
  })
})
