import { foldName } from './fold-name.ts'
import { lookAlikeLetters } from './look-alike-letters.ts'

const looks = new Map(
  lookAlikeLetters.flatMap(([look, letters]) => Array.from(letters, (each) => [each, look] as const)),
)

/** What looks otherwise than the small letters that folding makes of it. */
const beforeFolding = new Map(Object.entries({ Η: 'h', Ν: 'n', Υ: 'y', Ϲ: 'c', ϲ: 'c', ſ: 'f' }))

const map = (text: string, letters: ReadonlyMap<string, string>): string =>
  Array.from(text, (letter) => letters.get(letter) ?? letter).join('')

/** Of a name without a letter or a symbol, such as "…". */
const punctuation = (name: string): string =>
  name.normalize('NFKC').replaceAll(/[\s\p{Default_Ignorable_Code_Point}]/gu, '')

/**
 * What names are compared by that must not be taken for each other, after the skeletons of UTS #39: names that look
 * the same have the same one, whether they differ in case, accents, width, spaces and what is not seen, as for
 * `foldName`, or in letters that look alike (Cyrillic а, l and I and 1, 0 and O, rn and m). It is for comparing only,
 * and the skeleton of a skeleton is the same. Only Greek Η, Ν and Υ look like other letters than η, ν and υ do, so
 * whoever looks for names that are the same compares them by `foldName` as well.
 */
export function skeleton(name: string): string {
  const folded = foldName(map(name.normalize('NFD'), beforeFolding))
  if (folded === '') return punctuation(name)
  return map(folded.replaceAll(' ', '').normalize('NFD'), looks).normalize('NFC')
}
