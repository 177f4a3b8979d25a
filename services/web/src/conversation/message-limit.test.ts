import { limits } from '@parley/contracts/text.ts'
import { characters, mostCharacters } from './message-limit.ts'

it('is the limit of the contract, counted as the contract counts', () => {
  expect(mostCharacters).toBe(limits.textLength)
  expect(characters('a👋e\u0301')).toBe(4)
})
