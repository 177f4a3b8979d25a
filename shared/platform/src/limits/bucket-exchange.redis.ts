import { defineScript } from '../redis/define-script.ts'
import type { RedisConnection } from '../redis/open-redis.ts'
import type { BucketExchange } from './buckets.ts'

/** Keys in one call of the script: Redis does nothing else meanwhile. */
const mostKeys = 500

/** By the clock of Redis, which is one for all. A bucket that is full again is the same as none. */
const settleScript = `
local perSecond, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = {}
for index, key in ipairs(KEYS) do
  local bucket = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(bucket[1] or burst), tonumber(bucket[2] or now)
  tokens = math.min(burst, tokens + math.max(0, now - at) * perSecond / 1000) - tonumber(ARGV[index + 2])
  left[index] = string.format('%.3f', tokens)
  redis.call('HSET', key, 'tokens', left[index], 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((burst - tokens) / perSecond * 1000) + 1000))
end
return left
`

/** Rejects while Redis is away. */
export function createRedisBucketExchange(redis: RedisConnection): BucketExchange {
  const script = defineScript(redis, 'parleySettleBuckets', settleScript)

  return {
    async settle({ name, perSecond, burst }, given) {
      const all = [...given]
      const calls: Promise<(readonly [string, number])[]>[] = []
      for (let start = 0; start < all.length; start += mostKeys) {
        const some = all.slice(start, start + mostKeys)
        const keys = some.map(([key]) => `parley:bucket:${name}:${key}`)
        const costs = some.map(([, cost]) => cost)
        const answer = script(keys, [perSecond, burst, ...costs]) as Promise<string[]>
        calls.push(answer.then((left) => some.map(([key], index) => [key, Number(left[index])] as const)))
      }
      return new Map((await Promise.all(calls)).flat())
    },
  }
}
