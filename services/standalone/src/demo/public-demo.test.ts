import { isOnlyHere } from './public-demo.ts'

describe('an address to listen on', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])(
    '%s is for this machine only',
    (host) => expect(isOnlyHere(host)).toBe(true),
  )
  it.each([
    '0.0.0.0',
    '::',
    '',
    '192.168.1.5',
    '127.example.com',
    'localhost.example.com',
    '10.127.0.1',
    '::ffff:10.0.0.1',
  ])('%j is not', (host) => expect(isOnlyHere(host)).toBe(false))
})
