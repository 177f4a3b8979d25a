import { createDeviceTokens } from './device-tokens.ts'

describe('device tokens', () => {
  const tokens = createDeviceTokens('the secret', () => 1_700_000_000_500)

  it('say who logged in on the device, and when', () => {
    const token = tokens.issue('alice', undefined)
    expect(tokens.read(token)).toEqual({ id: expect.any(String), users: { alice: 1_700_000_000 } })
    expect(tokens.read(tokens.issue('alice', undefined))?.id).not.toBe(tokens.read(token)?.id)
  })

  it('stay the same for who logs in again, and remember the last five', () => {
    const people = ['a', 'b', 'c', 'd', 'e', 'f']
    let token: string | undefined
    for (const name of people) token = tokens.issue(name, token)
    expect(Object.keys(tokens.read(token)?.users ?? {})).toEqual(people.slice(1))
    expect(Object.keys(tokens.read(tokens.issue('b', token))?.users ?? {})).toEqual(['c', 'd', 'e', 'f', 'b'])
    expect(tokens.read(tokens.issue('b', token))?.id).toBe(tokens.read(token)?.id)
    expect(token?.length).toBeLessThan(1_500)
  })

  it('know nobody who was logged out everywhere since', () => {
    const token = tokens.issue('alice', undefined)
    const { id } = tokens.read(token)!
    expect(tokens.known(token, 'alice')).toBe(id)
    expect(tokens.known(token, 'alice', 1_700_000_000_999)).toBe(id)
    expect(tokens.known(token, 'alice', 1_700_000_001_000)).toBeUndefined()
    expect(tokens.known(token, 'bob')).toBeUndefined()
  })

  it('are nobody else’s to make', () => {
    const token = tokens.issue('alice', undefined)
    const forged = [
      createDeviceTokens('another').issue('alice', undefined),
      token.replace(/^./, 'f'),
      token.slice(0, -1),
      token.split('.')[0],
      '',
      undefined,
    ]
    for (const each of forged) expect(tokens.read(each)).toBeUndefined()
    expect(tokens.read(tokens.issue('bob', forged[0]))?.users).toEqual({ bob: 1_700_000_000 })
  })
})
