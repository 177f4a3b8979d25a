import { join } from 'node:path'
import type { Event } from '@parley/contracts/events.ts'
import type { Operation } from '@parley/contracts/operation.ts'
import { login, type LoginResponse, loginResponse } from '@parley/contracts/sessions.ts'
import { createUser, type User, userResponse } from '@parley/contracts/users.ts'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { createRelayMetrics } from '@parley/platform/events/relay.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { type Answer, callOperation } from '@parley/testing/call-operation.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type Auth, createAuth } from './app.ts'
import { authConfig } from './config.ts'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { openSqliteAuthStores } from './stores.sqlite.ts'
import type { AuthStores } from './stores.ts'

export const refreshSecret = 'a secret of this test, long enough to be one'
export const password = 'correct horse battery'

export interface TestAuth {
  readonly auth: Auth
  readonly url: string
  readonly stores: AuthStores
  readonly signingKeyPem: string
  /** From the next look on, which comes within seconds. */
  changeSigningKeys(text: string): void
  /** What reached the bus. */
  readonly events: readonly Event[]
  call(operation: Operation, request?: Parameters<typeof callOperation>[2]): Promise<Answer>
  /** Registers a user whose password is `password`. */
  register(email: string, name?: { firstName?: string; lastName?: string }): Promise<User>
  logIn(email: string): Promise<LoginResponse>
  /** Once; later calls wait for the first. */
  close(): Promise<void>
}

/**
 * The auth service on a real port, in a database file of its own.
 * @param settings that differ from the defaults of `authConfig`; passwords are hashed at the least cost
 * @param folder keeps the database, for a test that starts again; otherwise a temporary one does
 */
export async function startTestAuth({
  settings = {},
  folder,
  bus = createMemoryEventBus(),
}: {
  settings?: Record<string, number | string>
  folder?: string
  bus?: EventBus
} = {}): Promise<TestAuth> {
  const temporary = folder === undefined ? createTemporaryFolder() : undefined
  const stores = openSqliteAuthStores(join(folder ?? temporary?.path ?? '', 'auth.sqlite'))
  const metrics = createMetrics()
  const signingKeyPem = createSigningKeyPem()
  let signingKeys = signingKeyPem
  const auth = createAuth({
    config: authConfig.parse({ BCRYPT_COST: 4, ...settings }),
    stores,
    signingKeys: () => signingKeys,
    refreshSecret,
    bus,
    logger: createSilentLogger(),
    metrics,
    relayMetrics: createRelayMetrics(metrics),
  })

  const events: Event[] = []
  const types = ['users.user-registered.v1', 'users.session-ended.v1'] as const
  await bus.subscribe({ queue: 'test', types, handle: (event) => void events.push(event) })
  await auth.start()

  const served = await serveRouters([auth.router])
  const call: TestAuth['call'] = (operation, request) => callOperation(served.origin, operation, request)

  let closing: Promise<void> | undefined
  async function closeAll(): Promise<void> {
    await served.close()
    await auth.close()
    await bus.close()
    await stores.close()
    temporary?.remove()
  }

  return {
    auth,
    url: served.origin,
    stores,
    signingKeyPem,
    changeSigningKeys: (text) => void (signingKeys = text),
    events,
    call,
    async register(email, { firstName = 'Alice', lastName = 'Anders' } = {}) {
      const answer = await call(createUser, { body: { firstName, lastName, email, password } })
      return userResponse.parse(answer.body).user
    },
    async logIn(email) {
      return loginResponse.parse((await call(login, { body: { email, password } })).body)
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}
