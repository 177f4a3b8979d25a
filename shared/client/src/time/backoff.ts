/** How long to wait before the next attempt, in milliseconds, after so many failures in a row (0, 1, 2 …). */
export type Backoff = (failures: number, retryAfterMs?: number) => number

export interface BackoffOptions {
  /** The longest first gap. */
  readonly minMs: number
  /** The longest gap at all. */
  readonly maxMs: number
}

const longestAskedMs = 300_000

/** What a server asked to wait, within 0 and 5 minutes: no number that it sends keeps a client away for good. */
export const askedWaitMs = (ms: number): number =>
  Number.isFinite(ms) ? Math.min(longestAskedMs, Math.max(0, ms)) : 0

/**
 * Gaps that double, each with jitter over its upper half, so that many clients that failed together do not
 * come back together. What the server asks for (`retryAfterMs`) is waited for first.
 */
export function createBackoff({ minMs, maxMs }: BackoffOptions, random: () => number): Backoff {
  return (failures, retryAfterMs = 0) => {
    const gap = Math.min(maxMs, minMs * 2 ** failures)
    return retryAfterMs + (gap / 2) * (1 + random())
  }
}
