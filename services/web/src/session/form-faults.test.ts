import { loginRequest } from '@parley/contracts/sessions.ts'
import { limits } from '@parley/contracts/text.ts'
import { createUserRequest } from '@parley/contracts/users.ts'
import { type Fields, faultsOf, passwordMaxBytes, passwordMinLength } from './form-faults.ts'

const good: Fields = {
  firstName: 'Alice',
  lastName: 'Adams',
  email: 'alice@example.com',
  password: 'a good password',
}

describe('the form', () => {
  it('has no fault when all is well', () => {
    expect(faultsOf(good, true)).toEqual({})
    expect(faultsOf({ ...good, firstName: '', lastName: '', password: 'short' }, false)).toEqual({})
  })

  it('says which field is wrong, and how', () => {
    expect(faultsOf({ firstName: ' ', lastName: '', email: '', password: '' }, true)).toEqual({
      firstName: 'Enter your first name.',
      lastName: 'Enter your last name.',
      email: 'Enter your e-mail address.',
      password: 'Choose a password.',
    })
    expect(faultsOf({ ...good, email: 'alice', password: '' }, false)).toEqual({
      email: 'This is not a whole e-mail address, such as name@example.com.',
      password: 'Enter your password.',
    })
    expect(faultsOf({ ...good, password: 'short' }, true)).toHaveProperty('password')
    expect(faultsOf({ ...good, password: '密'.repeat(25) }, true)).toHaveProperty('password')
  })

  it('has the limits of the contract, and refuses nothing that the contract takes', () => {
    expect([passwordMinLength, passwordMaxBytes]).toEqual([limits.passwordMinLength, limits.passwordMaxBytes])
    const tries = [
      '',
      ' ',
      'a',
      'a@b',
      'a@b.c',
      ' alice@example.com ',
      'o’hara@example.ie',
      '12345678',
      'x'.repeat(73),
    ]
    for (const email of tries)
      for (const password of tries) {
        const fields = { ...good, email, password }
        if (createUserRequest.safeParse(fields).success) expect(faultsOf(fields, true)).toEqual({})
        if (loginRequest.safeParse({ email, password }).success) expect(faultsOf(fields, false)).toEqual({})
      }
  })
})
