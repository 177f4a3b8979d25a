import { ParleyClientError } from '@parley/client/client-error.ts'
import { fieldFaults, problemText } from './problem-text.ts'

const problem = { type: 'urn:x', title: 'Not so', status: 400, correlationId: '12345678' }

it('says what is wrong with which field', () => {
  const errors = [
    { path: 'password', message: 'must have at least 10 characters' },
    { path: 'messageDetails.text', message: 'must not be blank' },
  ]
  const error = new ParleyClientError({ ...problem, code: 'validation-failed', errors })
  expect(problemText(error)).toBe('Password must have at least 10 characters. The message must not be blank.')
})

it('has words for what users meet, and the server’s own for the rest', () => {
  expect(problemText(new ParleyClientError('unavailable'))).toContain('cannot be reached')
  expect(problemText(new ParleyClientError({ ...problem, code: 'sender-mismatch' }))).toBe('Not so.')
  expect(problemText(new TypeError('x is undefined'))).toBe('Something went wrong.')
})

it('says that storage is used up, and that waiting does not help', () => {
  const full = { ...problem, status: 403, code: 'storage-used-up' as const }
  expect(problemText(new ParleyClientError(full))).toBe(
    'You have used up your storage here, so nothing more can be sent. Ask whoever runs this server for more.',
  )
})

it('says of a server that takes nobody that it does, and of an invite what is wrong with it', () => {
  const closed = { ...problem, status: 403, code: 'registration-closed' as const }
  expect(problemText(new ParleyClientError(closed))).toBe(
    'This server takes no new accounts. Ask whoever runs it.',
  )
  const errors = [{ path: 'invite', message: 'is not one that is good here' }]
  expect(fieldFaults(new ParleyClientError({ ...closed, errors }))).toEqual({
    invite: 'Invite code is not one that is good here.',
  })
})

it.each([
  [undefined, 'Too many tries. Wait a moment, then try again.'],
  [3, 'Too many tries. Wait a moment, then try again.'],
  [45, 'Too many tries. Try again in 45 seconds.'],
  [60, 'Too many tries. Try again in one minute.'],
  [897, 'Too many tries. Try again in 15 minutes.'],
  [3_599, 'Too many tries. Try again in one hour.'],
  [7_200, 'Too many tries. Try again in 2 hours.'],
])('says how long to wait: %s s', (retryAfterSeconds, text) => {
  const limited = { ...problem, status: 429, code: 'rate-limited' as const, retryAfterSeconds }
  expect(problemText(new ParleyClientError(limited))).toBe(text)
})
