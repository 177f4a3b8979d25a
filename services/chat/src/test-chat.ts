import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Event } from '@parley/contracts/events.ts'
import type { Operation } from '@parley/contracts/operation.ts'
import type { Person } from '@parley/contracts/users.ts'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { createRelayMetrics } from '@parley/platform/events/relay.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { type Answer, callOperation } from '@parley/testing/call-operation.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import type { z } from 'zod'
import { type Chat, createChat } from './app.ts'
import { chatConfig } from './config.ts'
import type { ChatStores } from './stores.ts'
import { openSqliteChatStores } from './stores.sqlite.ts'

type Request = Parameters<typeof callOperation>[2]

/** A chat service that listens, for tests: with its own database, and auth played by a list of people. */
export interface TestChat {
  readonly chat: Chat
  readonly stores: ChatStores
  readonly bus: EventBus
  /** Events that reached a subscriber, in order. */
  readonly published: Event[]
  /** What the security log was told. */
  readonly noted: object[]
  /** Somebody whom auth knows (and the people directory does not, yet). */
  register(firstName: string): Person
  call(operation: Operation, as: Person | undefined, request?: Request): Promise<Answer>
  close(): Promise<void>
}

/** @param bus another one, to make publishing fail */
export async function startTestChat(
  folder: string,
  bus: EventBus = createMemoryEventBus(),
  settings: z.input<typeof chatConfig> = {},
): Promise<TestChat> {
  const issuer = createTestIssuer()
  const registered = new Map<string, Person>()
  const stores = openSqliteChatStores(join(folder, `${randomUUID()}.sqlite`))
  const published: Event[] = []
  const noted: object[] = []

  const chat = createChat({
    config: chatConfig.parse({ OUTBOX_SWEEP_MS: 100, OUTBOX_SWEEP_AFTER_MS: 0, ...settings }),
    stores,
    verifyToken: issuer.verifyToken,
    findPerson: (id) => Promise.resolve(registered.get(id)),
    bus,
    logger: createSilentLogger(),
    relayMetrics: createRelayMetrics(createMetrics()),
    security: { note: (event, about) => void noted.push({ event, ...about }) },
  })
  await bus.subscribe({
    queue: 'test',
    types: ['chat.message-created.v1', 'chat.receipt-advanced.v1', 'chat.epoch-began.v1'],
    handle: (event) => void published.push(event),
  })
  await chat.start()

  const served = await serveRouters([chat.router])

  return {
    chat,
    stores,
    bus,
    published,
    noted,
    register(firstName) {
      const person = { id: randomUUID(), firstName, lastName: 'Test' }
      registered.set(person.id, person)
      return person
    },
    call: (operation, as, request = {}) =>
      callOperation(served.origin, operation, {
        ...(as === undefined ? {} : { token: issuer.sign(as.id) }),
        ...request,
      }),
    async close() {
      await served.close()
      await chat.close()
      await bus.close()
      await stores.close()
    },
  }
}
