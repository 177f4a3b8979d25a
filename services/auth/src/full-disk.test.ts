import { join } from 'node:path'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { createRelayMetrics } from '@parley/platform/events/relay.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { openSqlite } from '@parley/platform/sqlite.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { createAuth } from './app.ts'
import { authConfig } from './config.ts'
import { authMigrations, createSqliteAuthStores } from './stores.sqlite.ts'

it('auth starts on a file that cannot be written: what is there can be read', async () => {
  const folder = createTemporaryFolder()
  const { logger, lines } = createRecordingLogger()
  const file = join(folder.path, 'auth.sqlite')
  const database = openSqlite(file, authMigrations)
  const stores = createSqliteAuthStores(database, { file, logger })
  const metrics = createMetrics()
  const signingKeyPem = createSigningKeyPem()
  const auth = createAuth({
    config: authConfig.parse({ BCRYPT_COST: 4 }),
    stores,
    signingKeys: () => signingKeyPem,
    refreshSecret: 'r'.repeat(32),
    bus: createMemoryEventBus(),
    logger,
    metrics,
    relayMetrics: createRelayMetrics(metrics),
  })
  for (const connection of [database.durable, database.relaxed]) connection.exec('PRAGMA query_only = ON')
  await auth.start()
  // Once for all that cannot be stored.
  expect(lines).toMatchObject([{ level: 50, msg: expect.stringContaining('can be read') }])
  await expect(stores.ping()).rejects.toThrow('the file is read-only')
  await auth.close()
  await stores.close()
  folder.remove()
})
