import { problemsOf } from './operation.ts'
import { operations } from './operations.ts'
import { login } from './sessions.ts'
import { getJwks } from './token.ts'
import { getUser } from './users.ts'

describe('the operations', () => {
  it('have ids and addresses of their own', () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
    const addresses = operations.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':x')}`)
    expect(new Set(addresses).size).toBe(operations.length)
  })

  it.each(operations)('$id names each parameter of its path', ({ path, params }) => {
    const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
    expect(Object.keys(params?.shape ?? {})).toEqual(inPath)
  })
})

describe('what an operation may answer', () => {
  it('is what it says itself, and what its door answers with', () => {
    expect(problemsOf(getUser)).toEqual([
      'validation-failed',
      'token-missing',
      'token-invalid',
      'token-expired',
      'unavailable',
      'headers-too-large',
      'host-not-allowed',
      'overloaded',
      'rate-limited',
      'internal',
      'user-not-found',
    ])
    expect(problemsOf(login)).toEqual([
      'validation-failed',
      'malformed-json',
      'payload-too-large',
      'unsupported-media-type',
      'unavailable',
      'headers-too-large',
      'host-not-allowed',
      'overloaded',
      'rate-limited',
      'internal',
      'invalid-credentials',
    ])
    expect(problemsOf(getJwks)).toEqual([
      'unavailable',
      'headers-too-large',
      'host-not-allowed',
      'overloaded',
      'rate-limited',
      'internal',
    ])
  })

  it('names no problem twice', () => {
    for (const operation of operations) {
      const codes = problemsOf(operation)
      expect(new Set(codes).size).toBe(codes.length)
    }
  })
})
