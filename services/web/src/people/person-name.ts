import type { Person } from '@parley/contracts/users.ts'

/** A person whose name is not known yet is shown so. */
const nobody = 'Someone'

export const fullName = (person: Person | undefined): string =>
  person === undefined ? nobody : `${person.firstName} ${person.lastName}`

export const shortName = (person: Person | undefined): string => person?.firstName ?? nobody

/** The first letter of each name, as people see letters: an emoji or an accented letter stays whole. */
export const initials = (person: Person | undefined): string =>
  person === undefined ? '?' : `${firstLetter(person.firstName)}${firstLetter(person.lastName)}`.toUpperCase()

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

const firstLetter = (text: string): string =>
  letters.segment(text)[Symbol.iterator]().next().value?.segment ?? ''

/** How many colours avatars have. */
export const tints = 6

/** Which of the colours a person has: always the same one. */
export function tintOf(userId: string): number {
  let sum = 0
  for (const character of userId) sum = (sum * 31 + character.charCodeAt(0)) % 65_521
  return sum % tints
}
