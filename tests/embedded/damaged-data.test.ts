import { once } from 'node:events'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { spawnEmbedded, startEmbedded } from '../embedded-process.ts'

describe('npm start on data that is damaged', () => {
  const folder = createTemporaryFolder()
  const file = (name: string): string => join(folder.path, name)
  beforeAll(async () => {
    const first = await startEmbedded({ dataFolder: folder.path, demo: true })
    await first.end('SIGTERM')
  }, 60_000)
  afterAll(() => folder.remove())

  /** What it says when it does not start. */
  async function refusal(): Promise<string> {
    const child = spawnEmbedded(['--port', '0', '--data', folder.path])
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(1)
    // For people, without where in the program it was found.
    expect(said).not.toMatch(/^ +at /m)
    return said
  }

  it.each(['auth.sqlite', 'chat.sqlite'])('says that %s is missing, and makes no new one', async (name) => {
    renameSync(file(name), file('aside'))
    expect(await refusal()).toMatch(
      new RegExp(`but not ${name}, so half of the data is missing: bring it back`),
    )
    renameSync(file('aside'), file(name))
  })

  it.each(['auth.sqlite', 'chat.sqlite'])('says that %s is no database', async (name) => {
    renameSync(file(name), file('aside'))
    writeFileSync(file(name), 'no database. '.repeat(1_000))
    expect(await refusal()).toContain('is damaged (file is not a database): stop Parley, keep the folder')
    renameSync(file('aside'), file(name))
  })

  it('says what a lock is', async () => {
    writeFileSync(file('lock.sqlite'), 'no database. '.repeat(1_000))
    expect(await refusal()).toContain('lock.sqlite is damaged; it holds no data')
    rmSync(file('lock.sqlite'))
  })

  it('starts where some pages are damaged, and says so where health is asked and in the log', async () => {
    const database = new DatabaseSync(file('chat.sqlite'))
    database.exec('CREATE TABLE filler (text TEXT)')
    const insert = database.prepare('INSERT INTO filler VALUES (?)')
    for (let count = 0; count < 500; count += 1) insert.run('x'.repeat(400))
    database.close()
    const bytes = readFileSync(file('chat.sqlite'))
    writeFileSync(file('chat.sqlite'), bytes.fill('x', bytes.length - 3 * 4_096))

    const running = await startEmbedded({ dataFolder: folder.path, demo: true })
    await eventually(async () => {
      const response = await fetch(`${running.url}/readyz`)
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({ checks: { 'chat.sqlite whole': 'failed' } })
    })
    expect(running.stderr()).toContain('the database is damaged: stop Parley')
    await running.end('SIGTERM')
  })
})
