/**
 * Counts what one of many may do, such as a socket. Not rate-limiter-flexible: its memory limiter keeps a key, a
 * timer and a promise for each and counts in fixed windows; this is two numbers that go away with their owner.
 */
export interface TokenBucket {
  /** Takes a token, or so many. Returns 0, or the milliseconds until there are as many, and then takes nothing. */
  take(cost?: number): number
  /** Takes so many, whether there are as many or not: what is missing is owed, at most another `burst`. */
  spend(cost: number): void
  /** Puts it down to so many tokens, if it has more; less than none are owed, and come first. */
  lower(most: number): void
}

/**
 * @param perSecond how many tokens come in a second
 * @param burst how many there are at most, and at the start
 */
export function createTokenBucket({
  perSecond,
  burst,
  now = () => performance.now(),
}: {
  perSecond: number
  burst: number
  now?: () => number
}): TokenBucket {
  let tokens = burst
  let countedAt = now()

  function fill(): void {
    const time = now()
    tokens = Math.min(burst, tokens + ((time - countedAt) * perSecond) / 1_000)
    countedAt = time
  }

  return {
    take(cost = 1) {
      fill()
      if (tokens < cost) return ((cost - tokens) * 1_000) / perSecond
      tokens -= cost
      return 0
    },
    spend(cost) {
      fill()
      tokens = Math.max(-burst, tokens - cost)
    },
    lower(most) {
      fill()
      tokens = Math.min(tokens, most)
    },
  }
}
