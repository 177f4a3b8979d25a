import bcrypt from 'bcrypt'
import { createPasswords } from './passwords.ts'

describe('passwords', () => {
  it('match their own hash only', async () => {
    const passwords = createPasswords({ cost: 4, concurrency: 2 })
    const hash = await passwords.hash('pässwörd 🔑')
    expect(await passwords.matches('pässwörd 🔑', hash)).toBe(true)
    expect(await passwords.matches('pässwörd 🔒', hash)).toBe(false)
    expect(bcrypt.getRounds(hash)).toBe(4)
  })

  it('of nobody are compared with as much work as those of a user, and never match', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    const passwords = createPasswords({ cost: 5, concurrency: 2 })
    expect(await passwords.matches('anything', undefined)).toBe(false)
    expect(await passwords.matches('something', undefined)).toBe(false)
    const hashes = compare.mock.calls.map(([, hash]) => hash)
    expect(hashes.map((hash) => bcrypt.getRounds(hash))).toEqual([5, 5])
    expect(new Set(hashes).size).toBe(1)
    compare.mockRestore()
  })

  it('wait for their turn, but not more than may wait', async () => {
    const passwords = createPasswords({ cost: 4, concurrency: 1, maxWaiting: 2 })
    const results = await Promise.allSettled([
      passwords.hash('first'),
      passwords.hash('second'),
      passwords.matches('third', undefined),
      passwords.matches('fourth', undefined),
      passwords.hash('fifth'),
    ])
    const overloaded = { status: 'rejected', reason: expect.objectContaining({ code: 'overloaded' }) }
    expect(results.slice(0, 3).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(results.slice(3)).toEqual([overloaded, overloaded])
    await expect(passwords.hash('later')).resolves.toMatch(/^\$2b\$04\$/)
  })
})
