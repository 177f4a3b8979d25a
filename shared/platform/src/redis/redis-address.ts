import { z } from 'zod'

/** Where Redis is: at one address, or wherever its Sentinels say that the master is. */
export type RedisAddress = { readonly url: string } | SentinelAddress

export interface SentinelAddress {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** What the Sentinels call the master. */
  readonly name: string
  readonly username?: string
  readonly password?: string
  readonly sentinelPassword?: string
}

const sentinelPort = 26_379
/** Not a URL in the strict sense, since it names several hosts. */
const sentinelUrl =
  /^redis\+sentinel:\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?]+)\/(?<name>[\w.-]+)(?:\?sentinelPassword=(?<sentinelPassword>[^&]+))?$/
const hostAndPort = /^(?<host>[^:]+)(?::(?<port>\d{1,5}))?$/

/** Undefined when it is no address of Redis. */
export function readRedisAddress(text: string): RedisAddress | undefined {
  if (!text.startsWith('redis+sentinel:')) {
    return URL.canParse(text) && ['redis:', 'rediss:'].includes(new URL(text).protocol)
      ? { url: text }
      : undefined
  }
  const { hosts = '', name = '', ...secrets } = sentinelUrl.exec(text)?.groups ?? {}
  const sentinels = hosts.split(',').map((each) => hostAndPort.exec(each)?.groups)
  if (name === '' || sentinels.some((found) => found === undefined)) return undefined
  const given = Object.entries(secrets).filter(([, value]) => value !== undefined && value !== '')
  return {
    sentinels: sentinels.map((found) => ({
      host: found!['host']!,
      port: Number(found!['port'] ?? sentinelPort),
    })),
    name,
    ...Object.fromEntries(given.map(([key, value]) => [key, decodeURIComponent(value)])),
  }
}

export const redisUrl = z
  .string()
  .refine(
    (text) => readRedisAddress(text) !== undefined,
    'must be redis://…, rediss://… or redis+sentinel://host:port,host:port/name',
  )
  .meta({
    description:
      'Address of Redis, with password; with Sentinels `redis+sentinel://:<password>@<host>:<port>,<host>:<port>/<name of the master>`, and `?sentinelPassword=` if they have one',
  })
