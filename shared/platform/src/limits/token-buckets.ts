import { LRUCache } from 'lru-cache'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

/** A bucket for each key, such as a user, whichever sockets the user has. In memory, so for one process. */
export interface TokenBuckets {
  /** Takes so many tokens, or all that ever fit. Returns 0, or the milliseconds until they are there. */
  take(key: string, cost?: number): number
}

/** @param most how many are remembered; the one that was not asked for longest begins anew, full */
export function createTokenBuckets({
  perSecond,
  burst,
  most = 10_000,
  now = () => performance.now(),
}: {
  perSecond: number
  burst: number
  most?: number
  now?: () => number
}): TokenBuckets {
  const buckets = new LRUCache<string, TokenBucket>({ max: most })
  return {
    take(key, cost = 1) {
      let bucket = buckets.get(key)
      if (bucket === undefined) {
        bucket = createTokenBucket({ perSecond, burst, now })
        buckets.set(key, bucket)
      }
      return bucket.take(Math.min(cost, burst))
    },
  }
}
