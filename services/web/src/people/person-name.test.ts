import { fullName, initials, shortName } from './person-name.ts'

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

  it('do not pile up accents', () => {
    expect(initials(person(`z${'\u0301'.repeat(20)}`, 'b'))).toBe('Z\u0301\u0301B')
  })

  it('stand in for somebody unknown', () => {
    expect([fullName(undefined), shortName(undefined), initials(undefined)]).toEqual([
      'Someone',
      'Someone',
      '?',
    ])
  })
})
