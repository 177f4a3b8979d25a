import { defineScript, orUnavailable } from '@parley/platform/redis/define-script.ts'
import type { RedisConnection } from '@parley/platform/redis/open-redis.ts'
import type { TypingStore } from './typing-store.ts'

/** Renews a mark that has half of its life left or less, and says whether it did. */
const startScript = `
if redis.call('PTTL', KEYS[1]) > ARGV[1] / 2 then return 0 end
redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
return 1
`

const keyOf = (conversationId: string, userId: string): string => `parley:typing:${conversationId}:${userId}`

/**
 * The typing marks that all gateways share: a key each, which lapses. While Redis is away everything here
 * rejects at once with `unavailable`.
 * @param ttlMs how long a mark lives
 */
export function createRedisTypingStore({
  redis,
  ttlMs,
}: {
  redis: RedisConnection
  ttlMs: number
}): TypingStore {
  const start = defineScript(redis, 'parleyTypingStart', startScript)

  return {
    ttlMs,
    async started(conversationId, userId) {
      return (await start([keyOf(conversationId, userId)], [ttlMs])) === 1
    },
    async stopped(conversationId, userId) {
      return (await orUnavailable(redis.client.del(keyOf(conversationId, userId)))) === 1
    },
  }
}
