/**
 * Counts what one socket may do. Not rate-limiter-flexible: its memory limiter keeps a key, a timer and a
 * promise per socket and counts in fixed windows; this is two numbers that go away with their socket.
 */
export interface TokenBucket {
  /** Takes one token. Returns 0, or the milliseconds until there is one, and then takes nothing. */
  take(): number
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
  return {
    take() {
      const time = now()
      tokens = Math.min(burst, tokens + ((time - countedAt) * perSecond) / 1_000)
      countedAt = time
      if (tokens < 1) return ((1 - tokens) * 1_000) / perSecond
      tokens -= 1
      return 0
    },
  }
}
