import { randomUUID } from 'node:crypto'
import type { TypingStore } from './typing-store.ts'

export interface TypingStoreUnderTest {
  readonly store: TypingStore
  /** Lets time pass; a store with a real clock really waits. */
  wait(ms: number): Promise<void>
  close(): Promise<void>
}

/** @param open a new store whose marks live for `ttlMs` */
export function describeTypingStore(
  open: (options: { ttlMs: number }) => Promise<TypingStoreUnderTest>,
): void {
  describe('typing store', () => {
    const ttlMs = 400
    const alice = randomUUID()
    let conversation: string
    let tested: TypingStoreUnderTest
    let store: TypingStore

    beforeEach(async () => {
      conversation = randomUUID()
      tested = await open({ ttlMs })
      store = tested.store
    })
    afterEach(() => tested.close())

    it('says how long marks live', () => {
      expect(store.ttlMs).toBe(ttlMs)
    })

    it('tells others once while the mark is fresh', async () => {
      expect(await store.started(conversation, alice)).toBe(true)
      expect(await store.started(conversation, alice)).toBe(false)
    })

    it('tells others again before the mark lapses', async () => {
      await store.started(conversation, alice)
      await tested.wait(ttlMs * 0.6)
      expect(await store.started(conversation, alice)).toBe(true)
      await tested.wait(ttlMs * 0.6)
      expect(await store.stopped(conversation, alice)).toBe(true)
    })

    it('tells others that typing stopped, once', async () => {
      await store.started(conversation, alice)
      expect(await store.stopped(conversation, alice)).toBe(true)
      expect(await store.stopped(conversation, alice)).toBe(false)
      expect(await store.started(conversation, alice)).toBe(true)
    })

    it('forgets a mark that has lapsed', async () => {
      await store.started(conversation, alice)
      await tested.wait(ttlMs * 1.2)
      expect(await store.stopped(conversation, alice)).toBe(false)
    })

    it('keeps users and conversations apart', async () => {
      await store.started(conversation, alice)
      expect(await store.started(conversation, randomUUID())).toBe(true)
      expect(await store.started(randomUUID(), alice)).toBe(true)
      expect(await store.stopped(randomUUID(), alice)).toBe(false)
      expect(await store.stopped(conversation, alice)).toBe(true)
    })
  })
}
