import { distinctName, likeWhom, lookAlikesOf, registeredAt, tagOf } from './look-alikes.ts'

const named = (id: string, firstName: string, lastName: string) => ({ id, firstName, lastName })

it('knows who has the name of another, and of whom', () => {
  const [bob, lower, green] = [
    named('1', 'Bob', 'Brown'),
    named('2', 'bob', 'brown'),
    named('3', 'Bob', 'Green'),
  ]
  // The same person twice, from two places, looks like nobody.
  const people = [bob, lower, green, { ...green }]
  expect([...lookAlikesOf(people)]).toEqual([
    ['1', lower],
    ['2', bob],
  ])
  expect(lookAlikesOf([named('1', '.', '.'), named('2', '!', '!')]).size).toBe(0)
})

it.each([
  ['Alice', 'Аlice'],
  ['Alice', 'AIice'],
  ['Alice', 'A1ice'],
  ['Bob', 'B0b'],
  ['Norman', 'Norrnan'],
  ['Zoë', 'Zoe\u200b'],
  ['ΝΙΝΑ', 'Νίνα'],
])('knows that %s and %s look the same', (one, other) => {
  const likes = lookAlikesOf([named('1', one, 'Brown'), named('2', other, 'Brown')])
  expect([...likes.keys()].toSorted()).toEqual(['1', '2'])
})

it('names the first of several', () => {
  const people = ['1', '2', '3'].map((id) => named(id, 'Bob', 'Brown'))
  expect([...lookAlikesOf(people)].map(([id, other]) => [id, other.id])).toEqual([
    ['1', '2'],
    ['2', '1'],
    ['3', '1'],
  ])
})

it('tells them apart by the end of the id, and by when they came', () => {
  expect(tagOf('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10')).toBe('#7f10')
  expect(registeredAt('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10')).toBe(0x0198c5bf3c11)
  expect(registeredAt('9b2f6e0a-3c11-4a66-b0f7-3f4f0d3f7f10')).toBeUndefined()
})

it('says it in words', () => {
  const [alice, other, bob] = [
    named('id-1111', 'Alice', 'A'),
    named('id-2222', 'AIice', 'A'),
    named('id-3', 'Bob', 'A'),
  ]
  const likes = lookAlikesOf([alice, other, bob])
  expect([alice, other, bob].map((one) => distinctName(one, likes))).toEqual([
    'Alice A #1111',
    'AIice A #2222',
    'Bob A',
  ])
  expect(likeWhom(alice, 'me')).toBe('Looks like another Alice A')
  expect(likeWhom(alice, alice.id)).toBe('Looks like your own name')
})
