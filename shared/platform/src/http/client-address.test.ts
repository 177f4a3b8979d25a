import type { IncomingMessage } from 'node:http'
import { clientAddress, networkOf, siteOf } from './client-address.ts'

const request = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage

describe('the network of a client', () => {
  it.each([
    ['an IPv4 address', '203.0.113.7', '203.0.113.7'],
    ['one with a port', '203.0.113.7:51234', '203.0.113.7'],
    ['one that IPv6 wraps', '::ffff:203.0.113.7', '203.0.113.7'],
    ['one that IPv6 wraps, in hex', '::ffff:cb00:7107', '203.0.113.7'],
    ['one from behind NAT64', '64:ff9b::203.0.113.7', '203.0.113.7'],
    ['an IPv6 address: its /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['another one of the same /64', '2001:DB8:1:2::7', '2001:db8:1:2::/64'],
    ['one of the /64 beside', '2001:db8:1:3::7', '2001:db8:1:3::/64'],
    ['one in brackets, with a port', '[2001:db8:1:2::7]:443', '2001:db8:1:2::/64'],
    ['one in brackets', '[2001:db8:1:2::7]', '2001:db8:1:2::/64'],
    ['one with a zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['the loopback of IPv6', '::1', '0:0:0:0::/64'],
    ['what is no address', 'a client', 'unknown'],
    ['nothing', '', 'unknown'],
  ])('is of %s', (_, address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('has a site, which one owner of many /64 has: the /48', () => {
    const sites = ['2001:db8:1:2::7', '[2001:db8:1:ffff::1]:80', '2001:db8:2::1'].map(siteOf)
    expect(sites).toEqual(['2001:db8:1::/48', '2001:db8:1::/48', '2001:db8:2::/48'])
    expect(siteOf('203.0.113.7:80')).toBe('203.0.113.7')
  })
})

describe('the address of a client', () => {
  it.each([
    ['the connection’s without a proxy, whatever it says', 0, '192.0.2.1', '198.51.100.9', '192.0.2.1'],
    ['what the one proxy adds', 1, '192.0.2.1', '6.6.6.6, 198.51.100.9', '198.51.100.9'],
    [
      'what the outer one of two adds',
      2,
      '192.0.2.1',
      '6.6.6.6, 198.51.100.9:4711, 10.0.0.1',
      '198.51.100.9:4711',
    ],
    [
      'the furthest that is known, when a proxy was passed by',
      2,
      '192.0.2.1',
      '198.51.100.9',
      '198.51.100.9',
    ],
    ['the connection’s when the proxy says nothing', 1, '192.0.2.1', undefined, '192.0.2.1'],
    ['unknown once the connection is gone', 0, undefined, undefined, 'unknown'],
  ])('is %s', (_, proxies, remote, forwarded, address) => {
    expect(clientAddress(request(remote, forwarded), proxies)).toBe(address)
  })
})
