import { deliveryMark, reachOfOthers } from './delivery-mark.ts'

const marks = [
  { userId: 'me', delivered: 9, read: 9 },
  { userId: 'bob', delivered: 5, read: 3 },
  { userId: 'carol', delivered: 4, read: 4 },
]

it('counts what everybody else got, and not the user', () => {
  expect(reachOfOthers(marks, 'me')).toEqual({ delivered: 4, read: 3 })
  expect(reachOfOthers(marks.slice(0, 1), 'me')).toEqual({ delivered: 0, read: 0 })
})

it.each([
  [3, 'read'],
  [4, 'delivered'],
  [5, 'sent'],
] as const)('marks seq %d as %s', (seq, mark) => {
  expect(deliveryMark(seq, { delivered: 4, read: 3 })).toBe(mark)
})
