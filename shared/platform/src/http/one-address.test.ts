import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { createOneAddressWatch } from './one-address.ts'

describe('clients that all have one address', () => {
  function warningsAfter(...addresses: readonly string[]) {
    const { logger, lines } = createRecordingLogger()
    const watch = createOneAddressWatch({ logger })
    for (const address of addresses) watch.saw(address)
    return lines
  }
  const many = (address: string) => Array.from({ length: 1_000 }, () => address)

  it.each(['172.18.0.1', '10.0.0.9', '192.168.1.1', '::ffff:172.18.0.1', 'fd00::1', '127.0.0.1', '::1'])(
    'are told of once, since %s is that of a proxy',
    (address) => {
      expect(warningsAfter(...many(address))).toMatchObject([
        { level: 40, msg: expect.stringContaining('FRONT_PROXIES') },
      ])
    },
  )

  it.each(['203.0.113.7', '172.32.0.1', '2001:db8::1'])(
    'may all come from %s, which is a network',
    (address) => {
      expect(warningsAfter(...many(address))).toEqual([])
    },
  )

  it('are none where there is another one, or few of them', () => {
    expect(warningsAfter('172.18.0.1', '203.0.113.7', ...many('172.18.0.1'))).toEqual([])
    expect(warningsAfter(...many('172.18.0.1').slice(0, 199))).toEqual([])
  })
})
