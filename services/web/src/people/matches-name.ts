import { foldName } from '@parley/contracts/fold-name.ts'
import type { Person } from '@parley/contracts/users.ts'
import { fullName } from './person-name.ts'

/** Scripts that write without spaces between words, or names in one: a part may begin at any letter. */
const withoutSpaces =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u

/**
 * Whether each word of a text begins a word of a person's name, or is inside one from three letters on, whatever its
 * case and its accents: as the server finds people.
 */
export function matchesName(person: Person, text: string): boolean {
  const names = foldName(fullName(person)).split(' ')
  const words = foldName(text)
    .split(' ')
    .filter((word) => word !== '')
  return (
    words.length > 0 &&
    words.every((word) => {
      const mayBeInside = word.length >= 3 || withoutSpaces.test(word)
      return names.some((name) => (mayBeInside ? name.includes(word) : name.startsWith(word)))
    })
  )
}
