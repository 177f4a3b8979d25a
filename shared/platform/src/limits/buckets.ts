import type { ProblemCode } from '@parley/contracts/problem.ts'
import type { Metrics } from '../metrics.ts'
import { ParleyError } from '../parley-error.ts'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

/** A token bucket for each of many, such as the users: how much each may do at once, and how much lastingly. */
export interface Buckets {
  /**
   * Takes a token of a key, or so many. It never waits, so it may stand on the way of every message.
   * @throws ParleyError with the code of the limit, and when to come back
   */
  take(key: string, cost?: number): void
  /** Takes so many of what was done already, whether there are as many or not: what is missing is owed. */
  spend(key: string, cost: number): void
}

export interface BucketOptions {
  /** Sets its tokens apart from those of other limits, in storage and in metrics. */
  readonly name: string
  /** How many tokens come in a second, and how many there are at most. No cost may be more than that. */
  readonly perSecond: number
  readonly burst: number
  readonly code?: ProblemCode
}
export type BucketsFor = (options: BucketOptions) => Buckets

/** Where replicas put together what each of them gave out. */
export interface BucketExchange {
  /**
   * Takes what a replica gave out of the common buckets, and says what is left in them: less than nothing, where
   * the replicas together gave out more than there was.
   */
  settle(limit: BucketOptions, given: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>
}

interface Local {
  readonly bucket: TokenBucket
  /** Given out since the last exchange. */
  given: number
}

/**
 * Whoever came first is forgotten first, and has a full bucket again until the next exchange. Not by last use: that
 * would cost each message as much as the rest of this.
 */
const mostKeys = 50_000

/**
 * Makes limits that a process counts by itself, and settles with other replicas once in `everyMs`, all keys together:
 * a Redis for each message would cost as much as the message.
 *
 * Guarantees
 * - One process: never more than `burst` at once, and `perSecond` lastingly.
 * - N replicas that exchange: what they give out too much is owed, so lastingly it is `perSecond` all the same. At once
 *   it is N × `burst` at most, and `perSecond` × N for as long as an exchange takes.
 * - While the exchange is away each replica goes on by itself, so it is N times as much; what was given out meanwhile
 *   is forgotten.
 */
export function createBucketsFor({
  metrics,
  exchange,
  everyMs = 1_000,
}: { metrics?: Metrics; exchange?: BucketExchange; everyMs?: number } = {}): BucketsFor {
  const refused = metrics?.counter(
    'parley_limited_total',
    'What users were refused because they had done too much, by limit',
    ['limit'],
  )
  const unsettled = metrics?.counter(
    'parley_limits_unsettled_total',
    'Exchanges between replicas that failed, by limit: each replica counts by itself then',
    ['limit'],
  )

  return (options) => {
    const { name, perSecond, burst, code = 'rate-limited' } = options
    const locals = new Map<string, Local>()
    let unsaid = new Map<string, Local>()
    let settling: NodeJS.Timeout | undefined

    function localOf(key: string): Local {
      const found = locals.get(key)
      if (found !== undefined) return found
      const local = { bucket: createTokenBucket({ perSecond, burst }), given: 0 }
      if (locals.size >= mostKeys) locals.delete(locals.keys().next().value!)
      locals.set(key, local)
      return local
    }

    function settleSoon(to: BucketExchange): void {
      settling ??= setTimeout(() => void settle(to), everyMs).unref()
    }

    async function settle(to: BucketExchange): Promise<void> {
      const said = unsaid
      unsaid = new Map()
      const given = new Map([...said].map(([key, local]) => [key, local.given]))
      for (const local of said.values()) local.given = 0
      try {
        for (const [key, left] of await to.settle(options, given)) {
          const local = said.get(key)
          // What was given out meanwhile is not in it yet.
          local?.bucket.lower(left - local.given)
        }
      } catch {
        unsettled?.inc({ limit: name })
      }
      settling = undefined
      if (unsaid.size > 0) settleSoon(to)
    }

    function say(key: string, local: Local): void {
      if (exchange === undefined) return
      unsaid.set(key, local)
      settleSoon(exchange)
    }

    return {
      take(key, cost = 1) {
        const local = localOf(key)
        const waitMs = local.bucket.take(cost)
        // Also who is refused, to hear what other replicas gave out.
        say(key, local)
        if (waitMs > 0) {
          refused?.inc({ limit: name })
          throw new ParleyError(code, { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
        }
        local.given += cost
      },
      spend(key, cost) {
        const local = localOf(key)
        local.bucket.spend(cost)
        local.given += cost
        say(key, local)
      },
    }
  }
}
