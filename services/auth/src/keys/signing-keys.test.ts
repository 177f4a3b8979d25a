import { createMetrics } from '@parley/platform/metrics.ts'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { createSecurityLog } from '@parley/platform/security-log.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { readSigningKey } from './signing-key.ts'
import { createSigningKeys } from './signing-keys.ts'

const [first, second] = [createSigningKeyPem(), createSigningKeyPem()]
const [firstKid, secondKid] = [first, second].map((pem) => readSigningKey(pem).jwk.kid)

describe('signing keys', () => {
  let text: string
  beforeEach(() => {
    jest.useFakeTimers()
    text = first
  })
  afterEach(() => jest.useRealTimers())

  function open() {
    const { logger, lines } = createRecordingLogger()
    const security = createSecurityLog({ logger, metrics: createMetrics() })
    const read = jest.fn(() => text)
    const keys = createSigningKeys({ read, security, logger })
    return { keys, lines, read }
  }
  const put = (changed: string): void => {
    text = changed
    jest.advanceTimersByTime(5_000)
  }

  it('follow their file: the first one signs, all are published, and each change is told', () => {
    const { keys, lines } = open()
    const published = (): string[] => keys.jwks().keys.map(({ kid }) => kid)
    put(`${first}\nCreated: 2026-11-28T02:00:00.000Z\n${second}`)
    expect([keys.current().jwk.kid, published()]).toEqual([firstKid, [firstKid, secondKid]])
    put(`${second}\n${first}`)
    expect([keys.current().jwk.kid, published()]).toEqual([secondKid, [secondKid, firstKid]])
    expect(keys.peek(firstKid!)).toBeDefined()
    put(second)
    expect([keys.current().jwk.kid, published()]).toEqual([secondKid, [secondKid]])
    expect(keys.peek(firstKid!)).toBeUndefined()
    expect(lines.map(({ event, keyId, reason }) => [event, keyId, reason])).toEqual([
      ['key-changed', secondKid, 'published'],
      ['key-changed', secondKid, 'signs'],
      ['key-changed', firstKid, 'removed'],
    ])
    keys.close()
  })

  it.each([
    ['empty', ''],
    ['nonsense', 'nonsense'],
    ['cut off', `${second}\n${first.slice(0, 90)}`],
  ])('stay as they are when the file is %s', (_, broken) => {
    const { keys, lines } = open()
    put(broken)
    jest.advanceTimersByTime(60_000)
    expect(keys.current().jwk.kid).toBe(firstKid)
    expect(lines).toMatchObject([{ level: 50, msg: expect.stringContaining('stay good') }])
    put(second)
    expect(keys.current().jwk.kid).toBe(secondKid)
    keys.close()
  })

  it('are looked at no longer once they are closed', () => {
    const { keys, read } = open()
    keys.close()
    jest.advanceTimersByTime(60_000)
    expect(read).toHaveBeenCalledTimes(1)
  })
})
