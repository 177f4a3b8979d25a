import { randomUUID } from 'node:crypto'
import type { ChatStores } from '../stores.ts'

/** What every adapter of the people directory must do. */
export function describePeopleDirectory(open: () => Promise<ChatStores>): void {
  describe('people directory', () => {
    let stores: ChatStores

    beforeEach(async () => {
      stores = await open()
    })
    afterEach(async () => stores.close())

    it('knows whom it was told of, by the last word, and nobody else', async () => {
      const alice = { id: randomUUID(), firstName: 'Alice', lastName: 'Łęcka' }
      const bob = { id: randomUUID(), firstName: 'Bob', lastName: '👍' }
      await stores.people.put(alice)
      await stores.people.put(bob)
      await stores.people.put({ ...alice, lastName: 'Married' })

      const found = await stores.people.findMany([bob.id, randomUUID(), alice.id])
      expect(new Set(found)).toEqual(new Set([bob, { ...alice, lastName: 'Married' }]))
      expect(await stores.people.findMany([])).toEqual([])
    })
  })
}
