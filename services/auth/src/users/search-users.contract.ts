import type { Person } from '@parley/contracts/users.ts'
import type { AuthStores } from '../stores.ts'
import { exampleUser } from './example-user.ts'
import { createSearchUsers, type SearchUsers } from './search-users.ts'
import type { StoredUser } from './user-store.ts'

/** What people are found by, on every `UserStore`. */
export function describeSearchUsers(adapter: string, open: () => Promise<AuthStores>): void {
  describe(`people are searched on ${adapter}`, () => {
    let stores: AuthStores
    let searchUsers: SearchUsers
    beforeEach(async () => {
      stores = await open()
      searchUsers = createSearchUsers({ users: stores.users })
    })
    afterEach(() => stores.close())

    const addUser = async (differences: Partial<StoredUser>): Promise<StoredUser> => {
      const [user, event] = exampleUser(differences)
      await stores.users.insert(user, event)
      return user
    }
    /** Of names such as `Anna Maria/Hoffmann`. */
    const add = async (...names: string[]): Promise<void> => {
      for (const name of names) {
        const [firstName = '', lastName = ''] = name.split('/')
        await addUser({ firstName, lastName })
      }
    }
    const nameOf = ({ firstName, lastName }: Person): string => `${firstName} ${lastName}`
    const search = async (text: string): Promise<string[]> => {
      const { users } = await searchUsers({ search: text, limit: 50 })
      return users.map(nameOf)
    }

    it.each([
      ['lukasz', 'Łukasz Żak'],
      ['zak', 'Łukasz Żak'],
      ['strasse', 'Jürgen Straße'],
      ['STRASSE', 'Jürgen Straße'],
      ['straße', 'Jürgen Straße'],
      ['jurgen', 'Jürgen Straße'],
      ['orsted', 'Hans Ørsted'],
      ['Ørsted', 'Hans Ørsted'],
      ['emile', 'Émile Zola'],
      ['E\u0301mile', 'Émile Zola'],
      ['ismet', 'İsmet Işık'],
      ['isik', 'İsmet Işık'],
      ['IŞIK', 'İsmet Işık'],
      ['viet', 'Việt Đặng'],
      ['dang', 'Việt Đặng'],
      ['σισυφος', 'Σίσυφος ΠΑΠΑΔΟΠΟΥΛΟΣ'],
      ['ΣΙΣΥΦΟΣ', 'Σίσυφος ΠΑΠΑΔΟΠΟΥΛΟΣ'],
      ['σισυφοσ', 'Σίσυφος ΠΑΠΑΔΟΠΟΥΛΟΣ'],
      ['παπαδοπουλος', 'Σίσυφος ΠΑΠΑΔΟΠΟΥΛΟΣ'],
      ['артем', 'Артём Королёв'],
      ['КОРОЛЁВ', 'Артём Королёв'],
      ['احمد', 'أحمد الشريف'],
      ['أحـمد', 'أحمد الشريف'],
      ['دוד', undefined],
      ['דוד', 'דָּוִד כּהן'.normalize('NFC')],
      ['aegir', 'Ægir Þórsson'],
      ['thorsson', 'Ægir Þórsson'],
      ['山田', '山田 太郎'],
      ['明', '王 小明'],
      ['小明', '王 小明'],
      ['ｶﾞｷﾞ', 'ガギ ケンジ'],
      ['カキ', undefined],
      ['김', '김 민수'],
      ['\u1106\u1175\u11ab\u1109\u116e', '김 민수'],
      ['수', '김 민수'],
      ['ｆｉｎｎ', 'Finn Ó Briain'],
      ['ﬁnn', 'Finn Ó Briain'],
      ['क्षिति', 'क्षितिज शर्मा'],
      ['สมชาย', 'สมชาย ใจดี'],
      ['ชาย', 'สมชาย ใจดี'],
      ["o'neill", 'Tip O’Neill'],
      ['oneill', 'Tip O’Neill'],
      ['luc', 'Jean-Luc Godard'],
      ['jean luc', 'Jean-Luc Godard'],
    ])('%s finds %s', async (text, expected) => {
      await add(
        'Łukasz/Żak',
        'Jürgen/Straße',
        'Hans/Ørsted',
        'Émile/Zola',
        'İsmet/Işık',
        'Việt/Đặng',
        'Σίσυφος/ΠΑΠΑΔΟΠΟΥΛΟΣ',
        'Артём/Королёв',
        'أحمد/الشريف',
        'דָּוִד/כּהן'.normalize('NFC'),
        'Ægir/Þórsson',
        '山田/太郎',
        '王/小明',
        'ガギ/ケンジ',
        '김/민수',
        'Finn/Ó Briain',
        'क्षितिज/शर्मा',
        'สมชาย/ใจดี',
        'Tip/O’Neill',
        'Jean-Luc/Godard',
      )
      expect(await search(text)).toEqual(expected === undefined ? [] : [expected])
    })

    it('finds the words of a name in any order, and wants all of them', async () => {
      await add('Bob/Brown', 'Bob/Green', 'Anna Maria/Hoffmann')
      expect(await search('Brown Bob')).toEqual(['Bob Brown'])
      expect(await search('bro, b')).toEqual(['Bob Brown'])
      expect(await search('maria')).toEqual(['Anna Maria Hoffmann'])
      expect(await search('hoff an')).toEqual(['Anna Maria Hoffmann'])
      expect(await search('bob hoffmann')).toEqual([])
    })

    it('finds what is inside a word from three letters on, after those where it begins one', async () => {
      await add('Anna/Hoffmann', 'Zoë/Mannering', 'Bo/Hartmann', 'Al/Manns')
      expect(await search('mann')).toEqual(['Al Manns', 'Zoë Mannering', 'Anna Hoffmann', 'Bo Hartmann'])
      expect(await search('ANN')).toEqual(['Anna Hoffmann', 'Al Manns', 'Bo Hartmann', 'Zoë Mannering'])
      expect(await search('offman bo')).toEqual([])
      expect(await search('artm bo')).toEqual(['Bo Hartmann'])
      expect(await search('an')).toEqual(['Anna Hoffmann'])
    })

    it('gives each once, in pages of any size, the cursor of which stays true while others register', async () => {
      await add('Ann/Lee', 'Mary/Ann', 'Joanne/Fox', 'Ann/Lee', 'Dianne/Ives', 'Annika/Ann', 'Susanne/Ek')
      const all = await search('ann')
      expect(all.slice(0, 4)).toEqual(['Ann Lee', 'Ann Lee', 'Annika Ann', 'Mary Ann'])
      expect(all.slice(4)).toEqual(['Dianne Ives', 'Joanne Fox', 'Susanne Ek'])
      for (const limit of [1, 2, 3, 4, 6, 7]) {
        const found: Person[] = []
        let cursor: string | null | undefined
        do {
          const page = await searchUsers({ search: 'ann', limit, ...(cursor && { cursor }) })
          found.push(...page.users)
          cursor = page.nextCursor
          if (limit === 2) await add('Aaron/Annable')
        } while (cursor !== null)
        expect(found.map(nameOf).filter((name) => name !== 'Aaron Annable')).toEqual(all)
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
      }
    })

    it('finds a whole e-mail address, first of all, once, and hands none out', async () => {
      const user = await addUser({ email: 'whole@example.com', firstName: 'Zed' })
      await addUser({ firstName: 'whole@example.com', lastName: 'A' })
      const { id, firstName, lastName } = user
      const { users } = await searchUsers({ search: ' Whole@Example.com', limit: 5 })
      expect(users[0]).toEqual({ id, firstName, lastName })
      expect(users.map(nameOf)).toEqual(['Zed Anders', 'whole@example.com A'])
      const one = await searchUsers({ search: 'whole@example.com', limit: 1 })
      const two = await searchUsers({ search: 'whole@example.com', limit: 1, cursor: one.nextCursor ?? '' })
      expect([...one.users, ...two.users].map(nameOf)).toEqual(['Zed Anders', 'whole@example.com A'])
      expect(two.nextCursor).toBeNull()
      expect(await search('hole@example.co')).toEqual(['whole@example.com A'])
    })

    it('knows no wildcards, and finds nobody by punctuation alone', async () => {
      await add('Per%cent/Under_score')
      expect(await search('per% UNDER_')).toEqual(['Per%cent Under_score'])
      for (const text of ['%', '_', 'p%t', 'c_nt', '.*', '^', '-', "'", '\u200b', '\u0301'])
        expect(await search(text)).toEqual([])
    })
  })
}
