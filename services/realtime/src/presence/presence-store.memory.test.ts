import { randomUUID } from 'node:crypto'
import { createMemoryPresenceStore } from './presence-store.memory.ts'
import { describePresenceStore } from './presence-store.contract.ts'

describe('in memory', () => {
  describePresenceStore(async ({ ttlMs }) => {
    let time = 0
    return {
      store: createMemoryPresenceStore({ ttlMs, now: () => time }),
      wait: async (ms) => void (time += ms),
      close: async () => {},
    }
  })

  it('takes as many steps for each connection of a user, however many there are', async () => {
    let time = 0
    const store = createMemoryPresenceStore({ ttlMs: 100, now: () => time })
    const userId = randomUUID()
    const connections = Array.from({ length: 2_000 }, () => ({ userId, connectionId: randomUUID() }))
    const steps = jest.spyOn(Object.getPrototypeOf(new Map().entries()), 'next')
    try {
      await store.refresh(connections)
      time += 50
      await store.refresh(connections)
      await store.online([userId])
      // All of them have lapsed: each is dropped once.
      time += 200
      await store.connected({ userId, connectionId: 'another one' })
      for (const connection of connections) await store.disconnected(connection)
      expect(steps.mock.calls.length).toBeLessThan(5 * connections.length)
    } finally {
      steps.mockRestore()
    }
  })
})
