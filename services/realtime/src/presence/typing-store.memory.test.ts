import { describeTypingStore } from './typing-store.contract.ts'
import { createMemoryTypingStore } from './typing-store.memory.ts'

describe('in memory', () => {
  describeTypingStore(async ({ ttlMs }) => {
    let time = 0
    return {
      store: createMemoryTypingStore({ ttlMs, now: () => time }),
      wait: async (ms) => void (time += ms),
      close: async () => {},
    }
  })
})
