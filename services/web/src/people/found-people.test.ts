import { foundFor, nobodyFound, withPage } from './found-people.ts'

const named = (id: string, firstName: string) => ({ id, firstName, lastName: 'Test' })
const [bea, bob] = [named('1', 'Bea'), named('2', 'Bob')]

describe('found people', () => {
  const forB = withPage({ ...nobodyFound, text: 'b' }, { users: [bea, bob], nextCursor: 'next' })

  it('are offered for the text that they were found for', () => {
    expect(foundFor(forB, 'b')).toEqual([bea, bob])
    // The server may know people by more than their names.
    expect(foundFor({ ...forB, text: 'bea@example.com' }, 'bea@example.com')).toEqual([bea, bob])
  })

  it('are not offered for another text unless they fit it', () => {
    expect(foundFor(forB, 'bob')).toEqual([bob])
    expect(foundFor(forB, 'bobby')).toEqual([])
  })

  it('come in pages, each person once', () => {
    const [carl] = [named('3', 'Carl')]
    expect(withPage(forB, { users: [bob, carl], nextCursor: null })).toEqual({
      text: 'b',
      people: [bea, bob, carl],
      nextCursor: null,
    })
  })
})
