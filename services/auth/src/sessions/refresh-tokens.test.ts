import { createRefreshTokens } from './refresh-tokens.ts'

const grant = { sessionId: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10', generation: 12 }

describe('refresh tokens', () => {
  const tokens = createRefreshTokens('the secret')
  const [session, generation, mac] = tokens.issue(grant).split('.')

  it('say what they were issued for', () => {
    expect(tokens.read(tokens.issue(grant))).toEqual(grant)
  })

  it.each([
    ['of another session', `${session?.replace('0', '1')}.${generation}.${mac}`],
    ['of another generation', `${session}.13.${mac}`],
    ['with a generation written otherwise', `${session}.012.${mac}`],
    [
      'with another signature',
      `${session}.${generation}.${mac?.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
    ],
    ['with half a signature', `${session}.${generation}.${mac?.slice(0, 20)}`],
    ['without a signature', `${session}.${generation}.`],
    ['with something behind', `${session}.${generation}.${mac}.x`],
    ['signed by another secret', createRefreshTokens('another secret').issue(grant)],
    ['made of nothing', ''],
  ])('%s are refused', (_, token) => {
    expect(tokens.read(token)).toBeUndefined()
  })
})
