// How folded names are found by an index. A name has a gram for the first one, two and three letters of each
// word, and for every three letters further inside. Whoever matches a search has all of its grams; the other way
// round it is not certain (the letters may be apart, or of another word), so `placeOf` has the last word.

/** Scripts that write without spaces between words, or names in one: a part may begin at any character. */
const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

const gramLength = 3
/** More of them would not make a search any sharper. */
const mostGrams = 16

/** Where a word was found in a name: at the beginning of one of its words, or only inside. */
export type Place = 'start' | 'inside'

export interface NameQuery {
  /** The longest word decides where somebody stands among the results. */
  readonly lead: string
  readonly others: readonly string[]
}

const wordsOf = (folded: string): string[] => folded.split(' ').filter((word) => word !== '')
const gram = (place: Place, letters: readonly string[]): string =>
  `${place === 'start' ? '^' : '~'}${letters.join('')}`
const beginsAnywhere = ([first = '']: readonly string[]): boolean => withoutSpaces.test(first)
const placeAt = (letters: readonly string[], index: number): Place =>
  index === 0 || beginsAnywhere(letters.slice(index)) ? 'start' : 'inside'

/** What a name is found by. @param folded by `foldName` */
export function gramsOfName(folded: string): string[] {
  const grams = wordsOf(folded).flatMap((word) => {
    const letters = Array.from(word)
    return letters.flatMap((_, index) => {
      const next = letters.slice(index, index + gramLength)
      if (placeAt(letters, index) === 'start')
        return next.map((_, last) => gram('start', next.slice(0, last + 1)))
      return next.length === gramLength ? [gram('inside', next)] : []
    })
  })
  return [...new Set(grams)]
}

/** Nothing when there is nothing to look for. @param folded by `foldName` */
export function toNameQuery(folded: string): NameQuery | undefined {
  const words = [...new Set(wordsOf(folded))]
  const lead = words.reduce((longest, word) => (word.length > longest.length ? word : longest), '')
  return lead === '' ? undefined : { lead, others: words.filter((word) => word !== lead) }
}

/** Grams that everybody has whose name has the lead word at that place; none at all where nobody can. */
export function gramsOfQuery({ lead, others }: NameQuery, place: Place): string[] {
  const letters = Array.from(lead)
  if (place === 'inside' && (letters.length < gramLength || beginsAnywhere(letters))) return []
  const first = gram(place, letters.slice(0, gramLength))
  const further = [lead, ...others].flatMap(gramsWhereverItIs)
  return [...new Set([first, ...further])].slice(0, mostGrams)
}

/** Of a word that may be at the start or inside: what it has besides its first letters. */
function gramsWhereverItIs(word: string): string[] {
  const letters = Array.from(word)
  if (letters.length < gramLength) return [gram('start', letters)]
  return letters.slice(1, 1 - gramLength).map((_, index) => {
    const at = index + 1
    return gram(placeAt(letters, at), letters.slice(at, at + gramLength))
  })
}

/**
 * Where somebody stands in the results of a search, who must have all of its words in any order: at the start of
 * a word, or inside one from three letters on.
 */
export function placeOf({ lead, others }: NameQuery, folded: string): Place | undefined {
  const words = wordsOf(folded)
  if (others.some((other) => placeIn(words, other) === undefined)) return undefined
  return placeIn(words, lead)
}

function placeIn(words: readonly string[], wanted: string): Place | undefined {
  const letters = Array.from(wanted)
  const holders = words.filter((word) => word.includes(wanted))
  if (holders.some((word) => word.startsWith(wanted) || beginsAnywhere(letters))) return 'start'
  return holders.length > 0 && letters.length >= gramLength ? 'inside' : undefined
}
