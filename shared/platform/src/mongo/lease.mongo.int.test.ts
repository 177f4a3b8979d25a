import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import type { Connection } from 'mongoose'
import { createMongoLease } from './lease.mongo.ts'
import { openMongo } from './open-mongo.ts'

describe('the lease on MongoDB', () => {
  let server: TestServer
  let connection: Connection
  beforeAll(async () => {
    server = await startMongo()
    connection = await openMongo(`${server.url}/leases`, { logger: createSilentLogger() })
  }, 120_000)
  afterAll(async () => {
    await connection?.close()
    await server?.stop()
  })

  it('is held by one at a time, until that one gives it back', async () => {
    const [one, other] = [
      createMongoLease(connection, { name: 'a' }),
      createMongoLease(connection, { name: 'a' }),
    ]
    expect(await one.acquire()).toBe(true)
    expect(await other.acquire()).toBe(false)
    expect(await one.acquire()).toBe(true)
    await other.release()
    expect(await other.acquire()).toBe(false)
    await one.release()
    expect(await other.acquire()).toBe(true)
  })

  it('goes to one of those who ask at once', async () => {
    const all = Array.from({ length: 20 }, () => createMongoLease(connection, { name: 'b' }))
    const taken = await Promise.all(all.map((lease) => lease.acquire()))
    expect(taken.filter(Boolean)).toHaveLength(1)
  })

  it('lapses when its holder is gone', async () => {
    const gone = createMongoLease(connection, { name: 'c', lastsMs: 100 })
    const next = createMongoLease(connection, { name: 'c' })
    expect(await gone.acquire()).toBe(true)
    await eventually(async () => expect(await next.acquire()).toBe(true))
    expect(await createMongoLease(connection, { name: 'c' }).acquire()).toBe(false)
  })

  it('counts for nothing when its holder’s clock was an hour ahead, or ours is as much behind', async () => {
    const ahead = createMongoLease(connection, { name: 'f', lastsMs: 3_600_000 })
    const next = createMongoLease(connection, { name: 'f' })
    expect(await ahead.acquire()).toBe(true)
    expect(await next.acquire()).toBe(true)
  })

  it('is another one under another name', async () => {
    expect(await createMongoLease(connection, { name: 'd' }).acquire()).toBe(true)
    expect(await createMongoLease(connection, { name: 'e' }).acquire()).toBe(true)
  })
})
