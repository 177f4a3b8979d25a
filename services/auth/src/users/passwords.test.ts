import bcrypt from 'bcrypt'
import { anybody } from './anybody.ts'
import type { Asker } from './fair-queue.ts'
import { createPasswords } from './passwords.ts'

describe('passwords', () => {
  it('match their own hash only', async () => {
    const passwords = createPasswords({ cost: 4, concurrency: 2 })
    const hash = await passwords.hash('pässwörd 🔑', anybody)
    expect(await passwords.matches('pässwörd 🔑', hash, anybody)).toBe(true)
    expect(await passwords.matches('pässwörd 🔒', hash, anybody)).toBe(false)
    expect(bcrypt.getRounds(hash)).toBe(4)
  })

  it('of nobody are compared with as much work as those of a user, and never match', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    const passwords = createPasswords({ cost: 5, concurrency: 2 })
    expect(await passwords.matches('anything', undefined, anybody)).toBe(false)
    expect(await passwords.matches('something', undefined, anybody)).toBe(false)
    const hashes = compare.mock.calls.map(([, hash]) => hash)
    expect(hashes.map((hash) => bcrypt.getRounds(hash))).toEqual([5, 5])
    expect(new Set(hashes).size).toBe(1)
    compare.mockRestore()
  })

  it.each([
    ['nobody’s', undefined, [7]],
    ['one from when they cost less', 4, [4, 4, 5, 6]],
    ['one as new ones are', 6, [6, 6]],
    ['one from when they cost more', 7, [7]],
  ])('cost the same whatever their hash cost: %s', async (_, cost, costs) => {
    const passwords = createPasswords({ cost: 6, concurrency: 2 })
    passwords.noteStored([await bcrypt.hash('stored', 7)])
    const hash = cost === undefined ? undefined : await bcrypt.hash('secret', cost)
    const compare = jest.spyOn(bcrypt, 'compare')
    expect(await passwords.matches('secret', hash, anybody)).toBe(cost !== undefined)
    const done = compare.mock.calls.map(([, compared]) => bcrypt.getRounds(compared))
    compare.mockRestore()
    expect(done).toEqual(costs)
    expect(done.reduce((sum, each) => sum + 2 ** each, 0)).toBe(2 ** 7)
  })

  it('know a hash that costs less than new ones', async () => {
    const passwords = createPasswords({ cost: 5, concurrency: 1 })
    const hashes = await Promise.all([4, 5, 6].map((cost) => bcrypt.hash('secret', cost)))
    expect(hashes.map((hash) => passwords.isWeak(hash))).toEqual([true, false, false])
  })

  it('wait for their turn, but not more than may wait', async () => {
    const passwords = createPasswords({ cost: 4, concurrency: 1, maxWaiting: 2 })
    const from = (network: string): Asker => ({ ...anybody, network })
    const results = await Promise.allSettled([
      passwords.hash('first', from('a')),
      passwords.hash('second', from('b')),
      passwords.matches('third', undefined, from('c')),
      passwords.matches('fourth', undefined, from('d')),
      passwords.hash('fifth', from('e')),
    ])
    const overloaded = { status: 'rejected', reason: expect.objectContaining({ code: 'overloaded' }) }
    expect(results.slice(0, 3).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(results.slice(3)).toEqual([overloaded, overloaded])
    await expect(passwords.hash('later', anybody)).resolves.toMatch(/^\$2b\$04\$/)
  })
})
