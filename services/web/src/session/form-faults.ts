export const fieldNames = ['firstName', 'lastName', 'email', 'password', 'invite'] as const
export type FieldName = (typeof fieldNames)[number]
/** Few servers ask for an invite. */
export type Fields = Readonly<Record<Exclude<FieldName, 'invite'>, string>>
export type Faults = Readonly<Partial<Record<FieldName, string>>>

/** As in the contract, which would bring zod into the bundle. */
export const passwordMinLength = 10
export const passwordMaxBytes = 72

/**
 * What is wrong with what somebody filled in, by field; nothing if all is well. As strict as the server where that
 * is easy to say, and never stricter.
 */
export function faultsOf({ firstName, lastName, email, password }: Fields, isNew: boolean): Faults {
  return {
    ...(isNew && firstName.trim() === '' && { firstName: 'Enter your first name.' }),
    ...(isNew && lastName.trim() === '' && { lastName: 'Enter your last name.' }),
    ...(email.trim() === ''
      ? { email: 'Enter your e-mail address.' }
      : !/^\S+@\S+\.\S+$/.test(email.trim()) && {
          email: 'This is not a whole e-mail address, such as name@example.com.',
        }),
    ...(password === ''
      ? { password: isNew ? 'Choose a password.' : 'Enter your password.' }
      : isNew && newPasswordFault(password)),
  }
}

function newPasswordFault(password: string): Faults | false {
  if (password.length < passwordMinLength)
    return { password: `The password needs at least ${passwordMinLength} characters.` }
  return (
    new TextEncoder().encode(password).length > passwordMaxBytes && {
      password: `The password is too long: ${passwordMaxBytes} plain letters fit.`,
    }
  )
}
