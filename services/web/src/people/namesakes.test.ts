import { namesakesOf, registeredAt, tagOf } from './namesakes.ts'

const named = (id: string, firstName: string, lastName: string) => ({ id, firstName, lastName })

it('knows who has the name of another', () => {
  const people = [
    named('1', 'Bob', 'Brown'),
    named('2', 'bob', 'brown'),
    named('3', 'Bob', 'Green'),
    // The same person twice is nobody's namesake.
    named('3', 'Bob', 'Green'),
  ]
  expect(namesakesOf(people)).toEqual(new Set(['1', '2']))
})

it('tells them apart by the end of the id, and by when they came', () => {
  expect(tagOf('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10')).toBe('#7f10')
  expect(registeredAt('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10')).toBe(0x0198c5bf3c11)
  expect(registeredAt('9b2f6e0a-3c11-4a66-b0f7-3f4f0d3f7f10')).toBeUndefined()
})
