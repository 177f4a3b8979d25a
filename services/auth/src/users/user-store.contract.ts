import type { AuthStores } from '../stores.ts'
import { exampleUser } from './example-user.ts'
import { nameKey } from './name-key.ts'
import type { StoredUser } from './user-store.ts'

/** What every `UserStore` must do. */
export function describeUserStore(adapter: string, open: () => Promise<AuthStores>): void {
  describe(`UserStore on ${adapter}`, () => {
    let stores: AuthStores
    beforeEach(async () => {
      stores = await open()
    })
    afterEach(() => stores.close())

    const add = async (differences: Partial<StoredUser>): Promise<StoredUser> => {
      const [user, event] = exampleUser(differences)
      await stores.users.insert(user, event)
      return user
    }
    const search = async (text: string, limit = 50): Promise<string[]> => {
      const found = await stores.users.search({ text: nameKey(text), after: undefined, limit })
      return found.map(({ firstName, lastName }) => `${firstName} ${lastName}`)
    }

    it('finds what it stored, by id and by e-mail address', async () => {
      const user = await add({ firstName: 'Łucja', lastName: '山田', email: 'lucja@example.com' })
      await add({})
      expect(await stores.users.findById(user.id)).toEqual(user)
      expect(await stores.users.findByEmail('lucja@example.com')).toEqual(user)
    })

    it('is empty until the first user comes', async () => {
      expect(await stores.users.isEmpty()).toBe(true)
      await add({})
      expect(await stores.users.isEmpty()).toBe(false)
    })

    it('finds nothing for a stranger', async () => {
      expect(await stores.users.findById('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10')).toBeUndefined()
      expect(await stores.users.findByEmail('nobody@example.com')).toBeUndefined()
      expect(await search('nobody')).toEqual([])
    })

    it('lets one of many have an e-mail address, and writes an event for that one only', async () => {
      const attempts = Array.from({ length: 20 }, () => exampleUser({ email: 'same@example.com' }))
      const results = await Promise.allSettled(
        attempts.map(([user, event]) => stores.users.insert(user, event)),
      )
      const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      expect(refusals).toHaveLength(19)
      for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'email-taken' })

      const stored = await stores.users.findByEmail('same@example.com')
      const pending = await stores.outbox.pending(100)
      expect(pending.map(({ event }) => event.subject)).toEqual([stored?.id])
    })

    it('searches the beginnings of first, last and full names, without regard to case and encoding', async () => {
      await add({ firstName: 'Ada', lastName: 'Lovelace' })
      await add({ firstName: 'Grace', lastName: 'Adams' })
      await add({ firstName: 'Élodie', lastName: 'Straße' })
      expect(await search('ADA')).toEqual(['Ada Lovelace', 'Grace Adams'])
      expect(await search('ada l')).toEqual(['Ada Lovelace'])
      expect(await search('love')).toEqual(['Ada Lovelace'])
      expect(await search('E\u0301LO')).toEqual(['Élodie Straße'])
      expect(await search('da')).toEqual([])
    })

    it('takes wildcards for letters', async () => {
      await add({ firstName: 'Per%cent', lastName: 'Under_score' })
      expect(await search('per%')).toEqual(['Per%cent Under_score'])
      for (const text of ['%', '_', 'per_', '.*', '^']) expect(await search(text)).toEqual([])
    })

    it('searches a whole e-mail address only, and hands none out', async () => {
      const user = await add({ email: 'whole@example.com' })
      expect(await stores.users.search({ text: 'whole@example.com', after: undefined, limit: 5 })).toEqual([
        { id: user.id, firstName: user.firstName, lastName: user.lastName },
      ])
      expect(await search('whole@example.co')).toEqual([])
    })

    it('orders by full name, then by id, and finds whoever matches twice once', async () => {
      await add({ firstName: 'Bo', lastName: 'Bo' })
      await add({ firstName: 'bo', lastName: 'Aa' })
      await add({ firstName: 'Aa', lastName: 'Bo' })
      await add({ firstName: 'Bo', lastName: 'Éa' })
      expect(await search('bo')).toEqual(['Aa Bo', 'bo Aa', 'Bo Bo', 'Bo Éa'])
      expect(await search('bo', 2)).toEqual(['Aa Bo', 'bo Aa'])
      await add({ firstName: 'me@example.com', lastName: 'me@example.com', email: 'me@example.com' })
      expect(await search('me@example.com')).toHaveLength(1)
    })

    it('goes on after a position, also among people of the same name', async () => {
      const ids: string[] = []
      for (let count = 0; count < 5; count += 1) ids.push((await add({})).id)
      const third = ids.toSorted()[2] ?? ''
      const after = { fullNameKey: 'alice anders', id: third }
      const found = await stores.users.search({ text: 'alice', after, limit: 50 })
      expect(found.map(({ id }) => id)).toEqual(ids.toSorted().slice(3))
    })
  })
}
