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

/** With two accents at the most: a pile of them would stand out of the circle. */
const firstLetter = (text: string): string =>
  (letters.segment(text)[Symbol.iterator]().next().value?.segment ?? '').replace(/(\p{M}{2})\p{M}+/u, '$1')
