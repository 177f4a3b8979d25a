import type { ChatStores } from '../stores.ts'

/** What every adapter of the epoch store must do. */
export function describeEpochStore(openTwo: () => Promise<[ChatStores, ChatStores]>): void {
  describe('epoch store', () => {
    let replicas: [ChatStores, ChatStores]
    beforeEach(async () => {
      replicas = await openTwo()
    })
    afterEach(() => Promise.all(replicas.map((each) => each.close())))

    it('has one epoch for all replicas, from the first question on', async () => {
      const epochs = await Promise.all(replicas.map(({ epoch }) => epoch.current()))
      expect(new Set(epochs).size).toBe(1)
      expect(epochs[0]).toMatch(/^[0-9a-f-]{36}$/)
      expect(await replicas[0].epoch.current()).toBe(epochs[0])
    })

    it('gets another one when it is renewed, which has yet to be announced', async () => {
      const [one, other] = replicas
      const before = await one.epoch.current()
      expect(await one.epoch.isAnnounced()).toBe(false)
      await one.epoch.markAnnounced()
      expect(await other.epoch.isAnnounced()).toBe(true)

      const renewed = await one.epoch.renew()
      expect(renewed).not.toBe(before)
      expect(await one.epoch.current()).toBe(renewed)
      expect(await other.epoch.current()).toBe(renewed)
      expect(await other.epoch.isAnnounced()).toBe(false)
    })
  })
}
