import { createEvent } from '@parley/platform/events/create-event.ts'
import type { AuthStores } from '../stores.ts'
import { exampleUser } from './example-user.ts'
import { foldedNameOf } from './folded-name.ts'
import type { SessionsEnded, StoredUser } from './user-store.ts'

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
    const find = async (grams: string[], limit = 50): Promise<string[]> => {
      const found = await stores.users.findByGrams({ grams, after: undefined, limit })
      return found.map(({ firstName, lastName }) => `${firstName} ${lastName}`)
    }

    it('finds what it stored, by id and by e-mail address', async () => {
      const user = await add({ firstName: 'Łucja', lastName: '山田', email: 'lucja@example.com' })
      await add({})
      expect(await stores.users.findById(user.id)).toEqual(user)
      expect(await stores.users.findByEmail('lucja@example.com')).toEqual(user)
    })

    it('ends the sessions of a user from before, together with the event, and never fewer again', async () => {
      const [user, other] = [await add({}), await add({})]
      expect(await stores.users.findById(user.id)).not.toHaveProperty('sessionsEndedBefore')
      const end = (startedBefore: string): SessionsEnded =>
        createEvent('users.session-ended.v1', {
          source: 'urn:parley:auth',
          subject: user.id,
          data: { sessionId: user.id, userId: user.id, reason: 'logout-everywhere', startedBefore },
        })
      const ends = ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.000Z'].map(end)
      for (const event of ends) await stores.users.endSessions(user.id, event)
      const mark = { sessionsEndedBefore: Date.parse('2026-01-02T03:04:05.678Z') }
      expect(await stores.users.findById(user.id)).toEqual({ ...user, ...mark })
      expect(await stores.users.findByEmail(user.email)).toMatchObject(mark)
      expect(await stores.users.findById(other.id)).toEqual(other)
      const pending = (await stores.outbox.pending(10)).map(({ event }) => event)
      expect(pending).toEqual(expect.arrayContaining(ends))
    })

    it('replaces the hash of a password that is still there, and no other', async () => {
      const [user, other] = [await add({ passwordHash: 'old' }), await add({ passwordHash: 'old' })]
      await stores.users.replacePasswordHash(user.id, 'older', 'wrong')
      await stores.users.replacePasswordHash(user.id, 'old', 'new')
      await stores.users.replacePasswordHash(user.id, 'old', 'wrong')
      expect(await stores.users.findById(user.id)).toEqual({ ...user, passwordHash: 'new' })
      expect(await stores.users.findById(other.id)).toEqual(other)
      expect(new Set(await stores.users.samplePasswordHashes())).toEqual(new Set(['new', 'old']))
    })

    it('is empty until the first user comes', async () => {
      expect(await stores.users.isEmpty()).toBe(true)
      await add({})
      expect(await stores.users.isEmpty()).toBe(false)
    })

    it('finds nothing for a stranger', async () => {
      expect(await stores.users.findById('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10')).toBeUndefined()
      expect(await stores.users.findByEmail('nobody@example.com')).toBeUndefined()
      expect(await find(['^nob'])).toEqual([])
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

    it('finds those who have all of the grams, and hands out nothing but who they are', async () => {
      const ada = await add({ firstName: 'Ada', lastName: 'Lovelace' })
      await add({ firstName: 'Grace', lastName: 'Adams' })
      expect(await find(['^ada'])).toEqual(['Ada Lovelace', 'Grace Adams'])
      expect(await find(['^ada', '~vel', '~lac'])).toEqual(['Ada Lovelace'])
      expect(await find(['^ada', '~xyz'])).toEqual([])
      expect(await stores.users.findByGrams({ grams: ['~vel'], after: undefined, limit: 5 })).toEqual([
        { id: ada.id, firstName: 'Ada', lastName: 'Lovelace' },
      ])
    })

    it('orders by folded name, then by id', async () => {
      await add({ firstName: 'Bo', lastName: 'Bo' })
      await add({ firstName: 'bo', lastName: 'Aa' })
      await add({ firstName: 'Bö', lastName: '山田' })
      await add({ firstName: 'Aa', lastName: 'Bo' })
      await add({ firstName: 'Bo', lastName: 'Éa' })
      expect(await find(['^bo'])).toEqual(['Aa Bo', 'bo Aa', 'Bo Bo', 'Bo Éa', 'Bö 山田'])
      expect(await find(['^bo'], 2)).toEqual(['Aa Bo', 'bo Aa'])
    })

    it('goes on after a position, also among people of the same name', async () => {
      const ids: string[] = []
      let foldedName = ''
      for (let count = 0; count < 5; count += 1) {
        const user = await add({})
        foldedName = foldedNameOf(user)
        ids.push(user.id)
      }
      const after = { foldedName, id: ids.toSorted()[2] ?? '' }
      const found = await stores.users.findByGrams({ grams: ['^ali', '^and'], after, limit: 50 })
      expect(found.map(({ id }) => id)).toEqual(ids.toSorted().slice(3))
    })
  })
}
