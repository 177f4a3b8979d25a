import { defineScript } from '@parley/platform/redis/define-script.ts'
import type { RedisConnection } from '@parley/platform/redis/open-redis.ts'
import type { PresenceStore, PresentConnection } from './presence-store.ts'

/** By Redis's own clock, so that those of the gateways do not matter. */
const readClock = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
`

/** Keeps connections of each user (their number, then each of them) and says for each whether the user came online by it. */
const keepScript = `${readClock}
local came = {}
local at = 2
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  came[i] = 1 - redis.call('EXISTS', key)
  local members = {}
  local count = tonumber(ARGV[at])
  for n = 1, count do
    members[2 * n - 1] = now + ARGV[1]
    members[2 * n] = ARGV[at + n]
  end
  at = at + count + 1
  redis.call('ZADD', key, unpack(members))
  redis.call('PEXPIRE', key, ARGV[1])
end
return came
`

const dropScript = `${readClock}
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return 1 - redis.call('EXISTS', KEYS[1])
`

/** Says of each user whether there is a connection that has not lapsed. */
const onlineScript = `${readClock}
local counts = {}
for i, key in ipairs(KEYS) do
  counts[i] = redis.call('ZCOUNT', key, '(' .. now, '+inf')
end
return counts
`

/** Redis does nothing else while a script runs: with this many users or connections less than a millisecond. */
const atOnce = 200

const keyOf = (userId: string): string => `parley:presence:${userId}`

/**
 * The presence that all gateways share: a sorted set per user, with a member per connection whose score is
 * when it lapses. The set goes away with its last member, or by itself when nobody is left to refresh it.
 *
 * Thousands of connections are refreshed in one round trip. While Redis is away everything here rejects at
 * once with `unavailable`; when it comes back empty, the next refresh of each gateway fills it.
 * @param ttlMs how long a record lives without a refresh
 */
export function createRedisPresenceStore({
  redis,
  ttlMs,
}: {
  redis: RedisConnection
  ttlMs: number
}): PresenceStore {
  const keep = defineScript(redis, 'parleyPresenceKeep', keepScript)
  const drop = defineScript(redis, 'parleyPresenceDrop', dropScript)
  const count = defineScript(redis, 'parleyPresenceOnline', onlineScript)

  async function refresh(connections: readonly PresentConnection[]): Promise<string[]> {
    return await inParts(connections, async (part) => {
      const users = Map.groupBy(part, ({ userId }) => userId)
      const answers = (await keep([...users.keys()].map(keyOf), [
        ttlMs,
        ...[...users.values()].flatMap((own) => [own.length, ...own.map(({ connectionId }) => connectionId)]),
      ])) as number[]
      return [...users.keys()].filter((_, index) => answers[index] === 1)
    })
  }

  return {
    async connected(connection) {
      return (await refresh([connection])).length === 1
    },
    refresh,
    async disconnected({ userId, connectionId }) {
      return (await drop([keyOf(userId)], [connectionId])) === 1
    },
    async online(userIds) {
      const online = await inParts(userIds, async (part) => {
        const counts = (await count(part.map(keyOf), [])) as number[]
        return part.filter((_, index) => counts[index]! > 0)
      })
      return new Set(online)
    },
  }
}

/** All parts are sent before the first one is answered, and handled in order. */
async function inParts<T>(
  items: readonly T[],
  run: (part: readonly T[]) => Promise<string[]>,
): Promise<string[]> {
  const answers: Promise<string[]>[] = []
  for (let from = 0; from < items.length; from += atOnce) answers.push(run(items.slice(from, from + atOnce)))
  return (await Promise.all(answers)).flat()
}
