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
})
