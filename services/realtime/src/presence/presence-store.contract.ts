import { randomUUID } from 'node:crypto'
import type { PresenceStore, PresentConnection } from './presence-store.ts'

export interface PresenceStoreUnderTest {
  readonly store: PresenceStore
  /** Lets time pass; a store with a real clock really waits. */
  wait(ms: number): Promise<void>
  close(): Promise<void>
}

/** @param open a new store whose records live for `ttlMs` */
export function describePresenceStore(
  open: (options: { ttlMs: number }) => Promise<PresenceStoreUnderTest>,
): void {
  describe('presence store', () => {
    const ttlMs = 400
    let tested: PresenceStoreUnderTest
    let store: PresenceStore
    let alice: string
    let phone: PresentConnection
    let laptop: PresentConnection

    beforeEach(async () => {
      tested = await open({ ttlMs })
      store = tested.store
      alice = randomUUID()
      phone = { userId: alice, connectionId: randomUUID() }
      laptop = { userId: alice, connectionId: randomUUID() }
    })
    afterEach(() => tested.close())

    const isOnline = async (userId: string): Promise<boolean> => (await store.online([userId])).has(userId)

    it('knows nobody at first', async () => {
      expect(await store.online([])).toEqual(new Set())
      expect(await store.online([alice, randomUUID()])).toEqual(new Set())
    })

    it('brings a user online with the first connection only', async () => {
      expect(await store.connected(phone)).toBe(true)
      expect(await store.connected(laptop)).toBe(false)
      expect(await store.connected(phone)).toBe(false)
      expect(await isOnline(alice)).toBe(true)
    })

    it('takes a user offline with the last connection only', async () => {
      await store.connected(phone)
      await store.connected(laptop)
      expect(await store.disconnected(phone)).toBe(false)
      expect(await isOnline(alice)).toBe(true)
      expect(await store.disconnected(laptop)).toBe(true)
      expect(await isOnline(alice)).toBe(false)
      expect(await store.connected(phone)).toBe(true)
    })

    it('answers for the users that were asked for', async () => {
      const bob = { userId: randomUUID(), connectionId: randomUUID() }
      await store.connected(phone)
      await store.connected(bob)
      expect(await store.online([alice, bob.userId, randomUUID()])).toEqual(new Set([alice, bob.userId]))
      expect(await store.online([bob.userId])).toEqual(new Set([bob.userId]))
      await store.disconnected(bob)
      expect(await store.online([alice, bob.userId])).toEqual(new Set([alice]))
    })

    it('forgets a connection that nobody refreshes', async () => {
      await store.connected(phone)
      await tested.wait(ttlMs * 1.5)
      expect(await isOnline(alice)).toBe(false)
      expect(await store.connected(laptop)).toBe(true)
    })

    it('keeps a connection that is refreshed, and no other one of the user', async () => {
      await store.connected(phone)
      await store.connected(laptop)
      await tested.wait(ttlMs * 0.7)
      expect(await store.refresh([phone])).toEqual([])
      await tested.wait(ttlMs * 0.7)
      expect(await isOnline(alice)).toBe(true)
      expect(await store.disconnected(phone)).toBe(true)
    })

    it('says who came back by a refresh', async () => {
      await store.connected(phone)
      await tested.wait(ttlMs * 1.5)
      expect(await store.refresh([phone, laptop])).toEqual([alice])
      expect(await isOnline(alice)).toBe(true)
      expect(await store.refresh([])).toEqual([])
    })

    it('keeps many connections of one user, beside those of others, and says once who came', async () => {
      const bob = { userId: randomUUID(), connectionId: randomUUID() }
      const many = Array.from({ length: 250 }, () => ({ userId: alice, connectionId: randomUUID() }))
      expect(await store.refresh([...many.slice(0, 150), bob, ...many.slice(150)])).toEqual([
        alice,
        bob.userId,
      ])
      expect(await store.refresh(many)).toEqual([])
      const gone = await Promise.all(many.slice(1).map((connection) => store.disconnected(connection)))
      expect(gone).not.toContain(true)
      expect(await store.disconnected(many[0]!)).toBe(true)
      expect(await isOnline(bob.userId)).toBe(true)
    })

    it('takes the end of a lapsed or unknown connection', async () => {
      await store.connected(phone)
      await tested.wait(ttlMs * 1.5)
      expect(await store.disconnected(phone)).toBe(true)
      expect(await store.disconnected(laptop)).toBe(true)
    })
  })
}
