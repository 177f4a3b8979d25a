interface Name {
  readonly firstName: string
  readonly lastName: string
}

/** What names are compared by: without regard to case, to ways of encoding, and to how they are spaced. */
export const nameKey = (name: string): string =>
  name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim()

/** Begins with the key of the first name, so it finds first names too. */
export const fullNameKey = ({ firstName, lastName }: Name): string => nameKey(`${firstName} ${lastName}`)

/** The end, itself left out, of the range of keys that begin with `prefix`. */
export const endOfPrefix = (prefix: string): string => `${prefix}\u{10FFFF}`
