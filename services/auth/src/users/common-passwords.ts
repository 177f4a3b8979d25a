import { dictionary } from '@zxcvbn-ts/language-common'
import { limits } from '@parley/contracts/text.ts'

/** Those of the 49,000 commonest that are long enough to be chosen. */
const common = new Set(
  dictionary['passwords-common'].filter((word) => word.length >= limits.passwordMinLength),
)

/** Whether a password is among the first that somebody would guess, in upper case or not. */
export const isCommon = (password: string): boolean => common.has(password.toLowerCase())
