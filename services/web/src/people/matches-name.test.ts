import { matchesName } from './matches-name.ts'

it.each([
  ['Łukasz Nowak', 'lukasz'],
  ['Jürgen Strauß', 'strauss'],
  ['Hans Ørsted', 'orsted'],
  ['Émile Zola', 'emile'],
  ['İsmet Yılmaz', 'ismet yilmaz'],
  ['Việt Nguyễn', 'viet'],
  ['Σίσυφος Αιόλου', 'ΣΙΣΥΦΟΣ'],
  ['Bob Brown', 'Brown Bob'],
  ['Bob Brown', 'row'],
  ['山田 太郎', '田'],
])('%s is found by %s', (name, text) => {
  const [firstName = '', lastName = ''] = name.split(' ')
  expect(matchesName({ id: 'p', firstName, lastName }, text)).toBe(true)
})

it('finds nobody else', () => {
  expect(matchesName({ id: 'p', firstName: 'Bob', lastName: 'Brown' }, 'bob green')).toBe(false)
  expect(matchesName({ id: 'p', firstName: 'Bob', lastName: 'Brown' }, 'bobb')).toBe(false)
  expect(matchesName({ id: 'p', firstName: 'Bob', lastName: 'Brown' }, 'ow')).toBe(false)
  expect(matchesName({ id: 'p', firstName: 'Bob', lastName: 'Brown' }, ' ')).toBe(false)
})
