import { z } from 'zod'

/** Limits are counted in Unicode code points, as JSON Schema's `maxLength` counts them. */
export const limits = {
  nameLength: 100,
  textLength: 4_000,
  passwordMinLength: 10,
  /** bcrypt reads the first 72 bytes only, so a longer password is refused instead of cut. */
  passwordMaxBytes: 72,
  clientIdLength: 64,
  pageSize: 200,
  watchedUsers: 200,
} as const

const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** A lone surrogate cannot be written as UTF-8, and several databases cannot hold U+0000. */
const storable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000')

const hasNoControlCharacters = (text: string): boolean => !/\p{Cc}/u.test(text)

/** What turns the direction of writing around beyond itself, so that a text reads as another one: UTR #36. */
const hasNoBidiOverrides = (text: string): boolean => !/[\u202A-\u202E\u2066-\u2069]/u.test(text)

/** Spaces, marks without a letter, what Unicode says not to draw (some of it is letters), and the empty Braille cell. */
const unseen = /[\p{Z}\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu
const isVisible = (text: string): boolean => text.replaceAll(unseen, '') !== ''

/** What people write: kept exactly as sent. */
export const messageText = z
  .string()
  .refine((text) => text.trim().length > 0, 'must not be blank')
  .refine((text) => text.length <= limits.textLength || codePoints(text) <= limits.textLength, {
    message: `must have at most ${limits.textLength} characters`,
  })
  .refine(storable, 'must be well-formed Unicode without U+0000')
  .meta({
    description: 'Kept exactly as sent. At most 4,000 code points, not blank, well-formed Unicode.',
    minLength: 1,
    maxLength: limits.textLength,
    pattern: '\\S',
    examples: ['Hello 👋'],
  })

export const personName = z
  .string()
  .trim()
  .normalize('NFC')
  .refine(isVisible, 'must not be blank')
  .refine((name) => codePoints(name) <= limits.nameLength, {
    message: `must have at most ${limits.nameLength} characters`,
  })
  .refine((name) => name.isWellFormed() && hasNoControlCharacters(name), 'must not hold control characters')
  .refine(hasNoBidiOverrides, 'must not turn the direction of writing around')
  .meta({
    minLength: 1,
    maxLength: limits.nameLength,
    pattern: '\\S',
    description:
      'With something to see in it, and without characters that turn the direction of writing around.',
    examples: ['Alice'],
  })

/** Trimmed and in lower case, so that one address is one account. */
export const email = z
  .string()
  .trim()
  .normalize('NFKC')
  .toLowerCase()
  .max(254)
  .pipe(z.email('must be an e-mail address'))
  .meta({ format: 'email', maxLength: 254, examples: ['alice@example.com'] })

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length

export const password = z
  .string()
  .refine((text) => storable(text), 'must be well-formed Unicode without U+0000')
  .refine((text) => utf8Bytes(text) <= limits.passwordMaxBytes, {
    message: `must have at most ${limits.passwordMaxBytes} bytes in UTF-8`,
  })
  .meta({
    format: 'password',
    maxLength: limits.passwordMaxBytes,
    description: 'At most 72 bytes in UTF-8.',
    examples: ['correct horse battery'],
  })

export const newPassword = password
  .refine((text) => codePoints(text) >= limits.passwordMinLength, {
    message: `must have at least ${limits.passwordMinLength} characters`,
  })
  .meta({
    minLength: limits.passwordMinLength,
    description: 'At least 10 characters, at most 72 bytes in UTF-8, and none of the commonest passwords.',
  })

/** Chosen by the client, once per message, and sent again with every retry of it. */
export const clientId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -')
  .meta({
    description: 'Names one attempt to say one thing: a retry with the same clientId is never stored twice.',
    examples: ['0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11'],
  })
