import type { Person } from '@parley/contracts/users.ts'
import { fullName } from './person-name.ts'

/** How many colours avatars have; `styles/tints.css` says which. */
export const tints = 12

/**
 * Which of the colours a person has. It follows from the name alone, so it is the same in every browser, and
 * when the data was made anew.
 */
export function tintOf(person: Person): number {
  // FNV-1a.
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(fullName(person).normalize('NFC').toLowerCase()))
    hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % tints
}
