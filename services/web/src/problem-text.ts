import { type ClientErrorCode, ParleyClientError } from '@parley/client/client-error.ts'

const words: Partial<Record<ClientErrorCode, string>> = {
  'invalid-credentials': 'E-mail address or password is wrong.',
  'registration-closed': 'This server takes no new accounts. Ask whoever runs it.',
  'email-taken': 'This e-mail address already has an account.',
  overloaded: 'The server is busy. Try again in a moment.',
  unavailable: 'The server cannot be reached. Try again in a moment.',
  internal: 'Something went wrong on the server. Try again in a moment.',
  'user-not-found': 'This person does not exist any more.',
  'storage-used-up':
    'You have used up your storage here, so nothing more can be sent. Ask whoever runs this server for more.',
  'payload-too-large': 'This is too long.',
  'queue-full': 'Too many messages are waiting already.',
  'client-id-reused': 'The server has another message under the same id.',
  'origin-not-allowed': 'The server does not accept this page’s address.',
}

/** What went wrong, in words for the user. */
export function problemText(error: unknown): string {
  if (!(error instanceof ParleyClientError)) return 'Something went wrong.'
  const faults = error.problem?.errors?.map(({ path, message }) => `${fieldName(path)} ${message}.`)
  if (faults !== undefined && faults.length > 0) return faults.join(' ')
  if (error.code === 'rate-limited') return `Too many tries. ${tryAgain(error.problem?.retryAfterSeconds)}`
  if (error.code === 'quota-used-up')
    return `You have sent very much lately. ${tryAgain(error.problem?.retryAfterSeconds)}`
  return words[error.code] ?? `${error.message}.`
}

const tryAgain = (seconds: number | undefined): string =>
  seconds === undefined || seconds <= 5 ? 'Wait a moment, then try again.' : `Try again ${inAWhile(seconds)}.`

/** When it is worth to try again, as people say it; never sooner than it is. */
export function inAWhile(seconds = 0): string {
  if (seconds <= 5) return 'in a moment'
  if (seconds < 60) return `in ${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return `in ${minutes === 1 ? 'one minute' : `${minutes} minutes`}`
  const hours = Math.ceil(minutes / 60)
  return `in ${hours === 1 ? 'one hour' : `${hours} hours`}`
}

/** Why a message waits, and that it goes on by itself; nothing where the banner says it. */
export const waitingText = (code: ClientErrorCode | undefined): string | undefined =>
  code === undefined ? undefined : waitingWords[code]

const waitingWords: Partial<Record<ClientErrorCode, string>> = {
  'rate-limited': 'You have sent many messages at once. They go out by themselves, one after the other.',
  'quota-used-up': 'You have sent very much lately. This goes out by itself, soon.',
  overloaded: 'The server is busy. This goes out by itself.',
}

/** What the server says about single fields of a form, each by its name. */
export function fieldFaults(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ParleyClientError)) return {}
  const faults = error.problem?.errors ?? []
  return Object.fromEntries(
    faults.map(({ path, message }) => [path.split('.').at(-1) ?? '', `${fieldName(path)} ${message}.`]),
  )
}

const fields: Readonly<Record<string, string>> = {
  firstName: 'First name',
  lastName: 'Last name',
  email: 'E-mail',
  password: 'Password',
  invite: 'Invite code',
  text: 'The message',
  search: 'What you look for',
}

/** The server names a field by its path, such as `messageDetails.text`. */
const fieldName = (path: string): string => fields[path.split('.').at(-1) ?? ''] ?? path
