/** Written in and around words, and typed by nobody: O’Neill is found as oneill. */
const apostrophes = /['’‘‛`ʹʻʼʽʾʿ′\u05f3\u05f4]/gu

/**
 * Accents and points that people leave out: of Latin, Greek and Cyrillic letters, Hebrew and Arabic vowels and
 * hamzas. Not those that are a part of the letter elsewhere (vowels of Thai and of India, the voicing of kana).
 */
const accents =
  // oxlint-disable-next-line no-misleading-character-class -- it is about combining characters
  /(?=\p{M})[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu

/** What is not seen (joiners, marks of direction, variation selectors), and the tatweel, which only stretches. */
const invisible = /[\p{Default_Ignorable_Code_Point}\u0640]/gu

/** Letters that Unicode takes for letters of their own, by what people type who lack them. */
const letters = new Map(
  Object.entries({
    ß: 'ss',
    æ: 'ae',
    œ: 'oe',
    ø: 'o',
    ł: 'l',
    đ: 'd',
    ð: 'd',
    þ: 'th',
    ħ: 'h',
    ı: 'i',
    ȷ: 'j',
    ŋ: 'n',
    ŧ: 't',
    ĸ: 'k',
    ə: 'e',
    ɓ: 'b',
    ɗ: 'd',
    ƙ: 'k',
    ƴ: 'y',
    // Greek and Hebrew letters that look otherwise at the end of a word.
    ς: 'σ',
    ך: 'כ',
    ם: 'מ',
    ן: 'נ',
    ף: 'פ',
    ץ: 'צ',
    // Arabic letters with several forms, and Persian and Urdu keyboards.
    ٱ: 'ا',
    ى: 'ي',
    ی: 'ي',
    ة: 'ه',
    ہ: 'ه',
    ک: 'ك',
  }),
)
const replaceable = new RegExp(`[${[...letters.keys()].join('')}]`, 'gu')

const betweenWords = /[\p{P}\p{Z}\s]+/u

/**
 * What names are compared by: its words with one space between them, without regard to case, accents, width,
 * ways of encoding, punctuation, and letters that others cannot type (Łukasz, Straße, İsmet, Σίσυφος). It is the
 * same in every locale, and folding twice changes nothing. Nothing is left of what has no letters.
 */
export const foldName = (name: string): string =>
  name
    // Unicode takes it for a space with an accent.
    .replaceAll('´', '')
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(apostrophes, '')
    .replaceAll(invisible, '')
    .replaceAll(accents, '')
    .replaceAll(replaceable, (letter) => letters.get(letter) ?? letter)
    .normalize('NFC')
    .split(betweenWords)
    .filter((word) => word !== '')
    .join(' ')
