import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { type Line, openLine } from '@parley/testing/line.ts'
import { createRecordingLogger, createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Connection } from 'mongoose'
import { migrateAuth } from './migrations.mongo.ts'
import { createMongoAuthStores } from './stores.mongo.ts'
import { exampleUser } from './users/example-user.ts'
import { createSearchUsers } from './users/search-users.ts'
import { toUserDocument } from './users/user-store.mongo.ts'

describe('the migration of auth', () => {
  const folder = createTemporaryFolder()
  let server: TestServer
  let line: Line
  beforeAll(async () => {
    server = await startMongo()
    line = await openLine(() => server.container.getMappedPort(27_017))
  }, 120_000)
  afterAll(async () => {
    await line?.close()
    await server?.stop()
    folder.remove()
  })

  const opened: Connection[] = []
  const open = async (name: string): Promise<Connection> => {
    const connection = await openMongo(`${server.url}/${name}`, { logger: createSilentLogger() })
    opened.push(connection)
    return connection
  }
  afterEach(async () => {
    for (const connection of opened.splice(0)) await connection.close()
  })
  const indexNames = async (connection: Connection): Promise<string[]> => {
    const collections = ['users', 'sessions', 'outbox']
    const indexes = await Promise.all(collections.map((name) => connection.collection(name).indexes()))
    return indexes.flat().map(({ name }) => String(name))
  }

  /** Runs it as a process; `onLog` hears each line while it runs. */
  async function run(env: Record<string, string>, onLog: (log: string) => void = () => undefined) {
    const child: ChildProcessWithoutNullStreams = spawn(
      process.execPath,
      [resolve('services/auth/src/migrate.ts')],
      { env: { PATH: process.env['PATH'], ...env } },
    )
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      onLog(stdout)
    })
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }

  it('builds what is missing, and nothing the second time', async () => {
    const connection = await open('twice')
    const first = createRecordingLogger()
    await migrateAuth(connection, first.logger)
    const names = await indexNames(connection)
    expect(names).toEqual(
      expect.arrayContaining(['email_1', 'nameGrams_1_foldedName_1__id_1', 'userId_1_expiresAt_1']),
    )
    expect(first.lines).toContainEqual(
      expect.objectContaining({ collection: 'users', built: expect.arrayContaining(['email_1']) }),
    )

    const second = createRecordingLogger()
    await migrateAuth(connection, second.logger)
    expect(await indexNames(connection)).toEqual(names)
    expect(second.lines.map(({ collection, built }) => [collection, built])).toEqual([
      ['users', []],
      ['sessions', []],
      ['outbox', []],
    ])
  })

  it('can run in several processes at once', async () => {
    const connections = [await open('at-once'), await open('at-once')]
    const { logger } = createRecordingLogger()
    await Promise.all(connections.map((connection) => migrateAuth(connection, logger)))
    expect(await indexNames(connections[0]!)).toContain('email_1')
  })

  it('runs as a process on the database that a file names', async () => {
    const file = join(folder.path, 'mongo-url')
    writeFileSync(file, `${server.url}/as-process\n`)
    const { code, stdout, stderr } = await run({ MONGO_URL_FILE: file })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('the database is up to date')
    expect(await indexNames(await open('as-process'))).toContain('email_1')
  })

  it('makes users findable whom the release before wrote, before it and beside it', async () => {
    const connection = await open('before')
    const writeAsBefore = async (count: number, firstName: string): Promise<void> => {
      const documents = Array.from({ length: count }, () => {
        const { foldedName: _, nameGrams: __, ...document } = toUserDocument(exampleUser({ firstName })[0])
        return document
      })
      await connection.collection('users').insertMany(documents as never[])
    }
    await writeAsBefore(1_201, 'Łukasz')
    await migrateAuth(connection, createSilentLogger())
    const filled = await connection.collection('users').countDocuments({ nameGrams: '^luk' })
    expect(filled).toBe(1_201)

    await writeAsBefore(2, 'Émile')
    const search = createSearchUsers({ users: createMongoAuthStores(connection).users })
    expect((await search({ search: 'emile', limit: 5 })).users).toHaveLength(2)
    expect((await search({ search: 'mil', limit: 5 })).users).toHaveLength(2)
  })

  it('waits for a database that does not answer yet', async () => {
    line.hold()
    const url = `mongodb://127.0.0.1:${line.port}/waited-for`
    const { code, stdout } = await run({ MONGO_URL: url }, (log) => {
      if (log.includes('does not answer yet')) line.release()
    })
    expect(code).toBe(0)
    expect(stdout).toContain('does not answer yet')
    expect(await indexNames(await open('waited-for'))).toContain('email_1')
  })

  it('ends with 78 when it is not told a database', async () => {
    const { code, stdout, stderr } = await run({})
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
    expect(stderr).toContain('MONGO_URL: is missing')
  })

  it('ends with 1 when an index cannot be built, and says why', async () => {
    const connection = await open('unbuildable')
    await connection.collection('users').insertMany([{ email: 'same' }, { email: 'same' }])
    const { code, stdout } = await run({ MONGO_URL: `${server.url}/unbuildable` })
    expect(code).toBe(1)
    expect(stdout).toContain('migration failed')
    expect(stdout).toContain('"code":11000')
  })
})
