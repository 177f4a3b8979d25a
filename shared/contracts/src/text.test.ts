import { clientId, email, limits, messageText, newPassword, password, personName } from './text.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown): boolean =>
  schema.safeParse(value).success
const loneSurrogate = '\ud83d'

describe('the text of a message', () => {
  it.each([
    ['4,000 letters', 'a'.repeat(4_000)],
    ['4,000 emoji of two UTF-16 units each', '👋'.repeat(4_000)],
    ['2,000 letters with a combining mark each', 'e\u0301'.repeat(2_000)],
    ['right-to-left text', 'שלום עולם'],
    ['several lines', 'one\n\ttwo\r\nthree'],
  ])('may be %s, and is kept exactly as sent', (_, text) => {
    expect(messageText.parse(text)).toBe(text)
  })

  it('keeps the spaces around it', () => {
    expect(messageText.parse('  hello ')).toBe('  hello ')
  })

  it.each([
    ['4,001 letters', 'a'.repeat(4_001)],
    ['4,001 emoji', '👋'.repeat(4_001)],
    ['nothing', ''],
    ['blank', ' \n\t\u00a0\u3000'],
    ['the first half of an emoji', `hello ${loneSurrogate}`],
    ['the second half of an emoji', '\udc4b hello'],
    ['U+0000', 'hello\u0000'],
  ])('may not be %s', (_, text) => {
    expect(accepts(messageText, text)).toBe(false)
  })
})

describe('an e-mail address', () => {
  it.each([
    ['  Alice@Example.COM ', 'alice@example.com'],
    ['ａｌｉｃｅ@example.com', 'alice@example.com'],
    // The Kelvin sign, which looks like a K and is not one.
    ['\u212Aate@example.com', 'kate@example.com'],
  ])('is one account however it is written: %j', (written, address) => {
    expect(email.parse(written)).toBe(address)
  })

  it.each([
    '',
    ' ',
    'alice',
    'alice@',
    '@example.com',
    'a b@example.com',
    'alice@example.com\u0000',
    'аlice@exаmple',
  ])('may not be %j', (address) => expect(accepts(email, address)).toBe(false))

  it('has at most 254 characters', () => {
    const ofLength = (length: number) => `${'a'.repeat(60)}@${'b.'.repeat((length - 64) / 2)}com`
    expect(ofLength(254)).toHaveLength(254)
    expect(accepts(email, ofLength(254))).toBe(true)
    expect(accepts(email, ofLength(256))).toBe(false)
  })
})

describe('a password', () => {
  it.each([
    ['72 letters', 'a'.repeat(72)],
    ['24 characters of 3 bytes', '€'.repeat(24)],
    ['spaces, which count', '   spaces   '],
  ])('may be %s', (_, text) => expect(newPassword.parse(text)).toBe(text))

  it.each([
    ['73 letters, since bcrypt would cut it', 'a'.repeat(73)],
    ['25 characters of 3 bytes', '€'.repeat(25)],
    ['U+0000, where bcrypt would stop', 'correct\u0000horse'],
    ['a lone surrogate, which has no bytes', `correct${loneSurrogate}`],
  ])('may not be %s', (_, text) => expect(accepts(password, text)).toBe(false))

  it('has 10 characters when it is new, and 5 emoji are 5', () => {
    expect(limits.passwordMinLength).toBe(10)
    expect(accepts(newPassword, 'a'.repeat(10))).toBe(true)
    expect(accepts(newPassword, 'a'.repeat(9))).toBe(false)
    expect(accepts(newPassword, '🔑🔑🔑🔑🔑')).toBe(false)
  })
})

describe('a name', () => {
  it('is trimmed, and composed so that one name is written one way', () => {
    expect(personName.parse('  Zoe\u0301 ')).toBe('Zoé')
  })

  it('has 1 to 100 characters, counted as code points', () => {
    expect(accepts(personName, '𠮷'.repeat(100))).toBe(true)
    expect(accepts(personName, '𠮷'.repeat(101))).toBe(false)
    expect(accepts(personName, '   ')).toBe(false)
  })

  it.each(['Al\nice', 'Al\u0000ice', '\u001b[31mAlice', loneSurrogate])('may not be %j', (name) => {
    expect(accepts(personName, name)).toBe(false)
  })
})

describe('a clientId', () => {
  it.each(['a', 'A-b_9', 'x'.repeat(64)])('may be %j', (id) => expect(clientId.parse(id)).toBe(id))

  it.each(['', 'x'.repeat(65), 'a b', 'a/b', 'a\n', 'é'])('may not be %j', (id) => {
    expect(accepts(clientId, id)).toBe(false)
  })
})

it.each([messageText, email, password, newPassword, personName, clientId])(
  'no text may be a query operator, a list or a number',
  (schema) => {
    for (const value of [{ $ne: null }, { $gt: '' }, ['a@b.co'], 12_345_678, null, undefined, true]) {
      expect(accepts(schema, value)).toBe(false)
    }
  },
)
