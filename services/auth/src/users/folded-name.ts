import { foldName } from '@parley/contracts/fold-name.ts'

interface Name {
  readonly firstName: string
  readonly lastName: string
}

/** What people are ordered and searched by. */
export const foldedNameOf = ({ firstName, lastName }: Name): string => foldName(`${firstName} ${lastName}`)
