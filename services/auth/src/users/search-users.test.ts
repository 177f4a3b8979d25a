import { join } from 'node:path'
import { foldName } from '@parley/contracts/fold-name.ts'
import type { Person } from '@parley/contracts/users.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import * as fc from 'fast-check'
import { openSqliteAuthStores } from '../stores.sqlite.ts'
import type { AuthStores } from '../stores.ts'
import { exampleUser } from './example-user.ts'
import { foldedNameOf } from './folded-name.ts'
import { type Place, placeOf, toNameQuery } from './name-grams.ts'
import { createSearchUsers, type SearchUsers } from './search-users.ts'

const names = [
  'a',
  'Ab',
  'a b',
  'baab',
  'abaaba',
  'É',
  'eabb',
  'ß',
  'ﬁssa',
  '山田',
  '田山a田',
  'คนaab',
  '👋👋a',
  '^',
  '-',
]

describe('search-users', () => {
  const folder = createTemporaryFolder()
  let stores: AuthStores
  let everybody: Person[]
  let search: SearchUsers
  beforeAll(async () => {
    stores = openSqliteAuthStores(join(folder.path, 'auth.sqlite'))
    search = createSearchUsers({ users: stores.users })
    everybody = []
    for (const firstName of names) {
      for (const lastName of names) {
        const [user, event] = exampleUser({ firstName, lastName })
        await stores.users.insert(user, event)
        everybody.push({ id: user.id, firstName, lastName })
      }
    }
  })
  afterAll(async () => {
    await stores.close()
    folder.remove()
  })

  const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

  function expected(text: string): Person[] {
    const query = toNameQuery(foldName(text))
    const at = (place: Place): Person[] =>
      everybody
        .filter((person) => query !== undefined && placeOf(query, foldedNameOf(person)) === place)
        .toSorted((a, b) => byBytes(foldedNameOf(a), foldedNameOf(b)) || byBytes(a.id, b.id))
    return [...at('start'), ...at('inside')]
  }

  it('gives everybody who matches, once and in order, whatever the size of a page', async () => {
    const part = fc
      .tuple(fc.constantFrom(...names), fc.nat(3), fc.integer({ min: 1, max: 5 }))
      .map(([name, from, length]) =>
        Array.from(name)
          .slice(from, from + length)
          .join(''),
      )
    const text = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '))
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 50 }), async (text, limit) => {
        const found: Person[] = []
        let cursor: string | null | undefined
        do {
          const page = await search({ search: text, limit, ...(cursor && { cursor }) })
          expect(page.users.length).toBeLessThanOrEqual(limit)
          found.push(...page.users)
          cursor = page.nextCursor
        } while (cursor !== null)
        expect(found).toEqual(expected(text))
      }),
      { numRuns: 200 },
    )
  })

  it('refuses a cursor that it never gave', async () => {
    for (const cursor of ['x', Buffer.from('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10').toString('base64url')]) {
      await expect(search({ search: 'a', limit: 5, cursor })).rejects.toMatchObject({
        code: 'validation-failed',
      })
    }
  })

  it('looks at many who have only one of the words in few pages, and lets others have their turn', async () => {
    for (let count = 0; count < 150; count += 1)
      await stores.users.insert(...exampleUser({ firstName: 'Zoltan', lastName: `N${count}` }))
    let looks = 0
    const findByGrams: typeof stores.users.findByGrams = (wanted) => {
      looks += 1
      return stores.users.findByGrams(wanted)
    }
    const counted = createSearchUsers({ users: { ...stores.users, findByGrams } })
    let hadATurn = false
    setImmediate(() => (hadATurn = true))
    expect((await counted({ search: 'zol xyz', limit: 1 })).users).toEqual([])
    expect(looks).toBeLessThan(12)
    expect(hadATurn).toBe(true)
  })
})
