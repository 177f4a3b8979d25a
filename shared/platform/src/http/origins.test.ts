import { isOwnOrigin } from './origins.ts'

describe('a page’s own origin', () => {
  it.each([
    ['http://localhost:3000', 'localhost:3000'],
    ['http://localhost:3000', 'LocalHost:3000'],
    ['http://127.0.0.1:49152', '127.0.0.1:49152'],
    ['https://192.0.2.7', '192.0.2.7'],
    ['http://[::1]:3000', '[::1]:3000'],
  ])('is %s where that is the host', (origin, host) => {
    expect(isOwnOrigin(origin, host)).toBe(true)
  })

  it.each([
    ['another port', 'http://localhost:4000', 'localhost:3000'],
    ['another address', 'http://192.0.2.8:3000', '192.0.2.7:3000'],
    ['a name that somebody has let point here', 'http://evil.test:3000', 'evil.test:3000'],
    ['a name that looks like an address', 'http://127.0.0.1.evil.test', '127.0.0.1.evil.test'],
    ['a name that ends in localhost', 'http://evil.localhost:3000', 'evil.localhost:3000'],
    ['a page without an origin', 'null', 'null'],
    ['no origin at all', 'localhost:3000', 'localhost:3000'],
    ['a request without a host', 'http://localhost:3000', undefined],
    ['an address with a path', 'http://localhost:3000/', 'localhost:3000'],
  ])('is not %s', (_, origin, host) => {
    expect(isOwnOrigin(origin, host)).toBe(false)
  })
})
