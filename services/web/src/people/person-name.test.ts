import { fullName, initials, shortName, tintOf, tints } from './person-name.ts'

const person = (firstName: string, lastName: string) => ({ id: 'p', firstName, lastName })

describe('names', () => {
  it('are whole, short, or initials', () => {
    expect(fullName(person('Alice', 'Adams'))).toBe('Alice Adams')
    expect(shortName(person('Alice', 'Adams'))).toBe('Alice')
    expect(initials(person('alice', 'Adams'))).toBe('AA')
  })

  it('keep an emoji and a combined letter whole', () => {
    expect(initials(person('👩‍👩‍👧 Fam', 'e\u0301cole'))).toBe('👩‍👩‍👧E\u0301')
  })

  it('stand in for somebody unknown', () => {
    expect([fullName(undefined), shortName(undefined), initials(undefined)]).toEqual([
      'Someone',
      'Someone',
      '?',
    ])
  })
})

describe('tints', () => {
  it('are the same for the same person, and in range', () => {
    const ids = Array.from({ length: 50 }, (_, index) => `0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f${index}`)
    for (const id of ids) expect(tintOf(id)).toBe(tintOf(id))
    expect(ids.every((id) => tintOf(id) >= 0 && tintOf(id) < tints)).toBe(true)
    expect(new Set(ids.map(tintOf)).size).toBe(tints)
  })
})
