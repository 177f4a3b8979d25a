import { randomBytes } from 'node:crypto'

/** What is wrong with the text of a secret, in words after its name and without the text; nothing when all is well. */
export type CheckSecret = (text: string) => string | undefined

export const hasAtLeast =
  (length: number): CheckSecret =>
  (text) =>
    text.length < length ? `has ${text.length} characters, and must have at least ${length}` : undefined

/**
 * 32 random bytes, in letters that need no escaping in an address or a configuration file. No `-` at the beginning
 * either: the entry point of the image `mongo` gives its password to `mongosh` as an argument.
 */
export const createPassword = (): string => randomBytes(32).toString('hex')

/** The key of refresh tokens. */
export const refreshSecret = { create: createPassword, check: hasAtLeast(32) }
