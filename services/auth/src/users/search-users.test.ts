import { join } from 'node:path'
import type { Person } from '@parley/contracts/users.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import * as fc from 'fast-check'
import { openSqliteAuthStores } from '../stores.sqlite.ts'
import type { AuthStores } from '../stores.ts'
import { exampleUser } from './example-user.ts'
import { fullNameKey, nameKey } from './name-key.ts'
import { createSearchUsers, type SearchUsers } from './search-users.ts'

const names = ['a', 'A', 'ab', 'a b', 'b', 'Ba', 'é', 'E\u0301a', 'ß', 'ﬁ', 'fi', '山田', '👋', 'Ω', '~']

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
    const key = nameKey(text)
    return everybody
      .filter((person) =>
        [person.firstName, person.lastName, `${person.firstName} ${person.lastName}`].some((name) =>
          nameKey(name).startsWith(key),
        ),
      )
      .toSorted((a, b) => byBytes(fullNameKey(a), fullNameKey(b)) || byBytes(a.id, b.id))
  }

  it('gives everybody who matches, once and in order, whatever the size of a page', async () => {
    const text = fc.oneof(
      fc.constantFrom(...names),
      fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).map((pair) => pair.join(' ')),
    )
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
      { numRuns: 60 },
    )
  })

  it('refuses a cursor that it never gave', async () => {
    for (const cursor of ['x', Buffer.from('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10').toString('base64url')]) {
      await expect(search({ search: 'a', limit: 5, cursor })).rejects.toMatchObject({
        code: 'validation-failed',
      })
    }
  })
})
