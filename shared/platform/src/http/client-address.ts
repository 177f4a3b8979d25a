import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'

/**
 * The address of a client as the trusted proxies tell it, for requests that Express has not seen: what `request.ip`
 * says there. It may have a port; `networkOf` and `siteOf` take that off.
 */
export function clientAddress({ socket, headers }: IncomingMessage, trustedProxies: number): string {
  const connection = socket.remoteAddress ?? 'unknown'
  const forwarded = trustedProxies === 0 ? undefined : headers['x-forwarded-for']
  if (forwarded === undefined) return connection
  // Each proxy appends whom it heard from, so the last ones are true, and those before are anybody's invention.
  const heard = String(forwarded).split(',')
  return heard[Math.max(0, heard.length - trustedProxies)]?.trim() || connection
}

/**
 * What counts as one client, by its address: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address
 * there has all of them. Everything that is bounded by address is bounded by this.
 */
export function networkOf(address: string): string {
  const found = read(address)
  return typeof found === 'string' ? found : `${found.slice(0, 4).join(':')}::/64`
}

/**
 * The larger network of one owner: the /48 of an IPv6 address, of which providers hand out thousands of /64; an IPv4
 * address is its own. Bound it more generously than a network: all of a company may be in it.
 */
export function siteOf(address: string): string {
  const found = read(address)
  return typeof found === 'string' ? found : `${found.slice(0, 3).join(':')}::/48`
}

/** An IPv4 address, or the eight groups of an IPv6 one, or `unknown`. */
function read(text: string): string | readonly string[] {
  // Some proxies add the port: `1.2.3.4:5` and `[::1]:5`.
  const address = text.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  if (isIPv4(address)) return address
  const [bare = ''] = address.split('%')
  if (!isIPv6(bare)) return 'unknown'
  const groups = groupsOf(bare)
  const prefix = groups.slice(0, 6).join(':')
  // IPv4 in IPv6: as a socket for both tells it, and as NAT64 does. Else all of IPv4 would be one /64.
  return prefix === '0:0:0:0:0:ffff' || prefix === '64:ff9b:0:0:0:0' ? dotted(groups.slice(6)) : groups
}

function groupsOf(address: string): string[] {
  // URL writes it in one way: lower case, no leading zeros, no dotted tail.
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [left, right] = [before, after ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  const zeros = Array.from({ length: 8 - left!.length - right!.length }, () => '0')
  return [...left!, ...zeros, ...right!]
}

const dotted = (groups: readonly string[]): string =>
  groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join('.')
