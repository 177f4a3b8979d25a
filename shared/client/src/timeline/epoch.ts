/**
 * Which data positions are of. When an answer is from other data (a backup was restored), positions mean nothing any
 * more: the same seq may be another entry.
 */
export interface Epoch {
  /** As far as the server ever said it. */
  readonly current: string | undefined
  /** How often it was another one. */
  readonly restarts: number
  /** Takes what an answer says. Returns whether it is of the same data; if not, everything begins anew with it. */
  check(found: string | undefined): boolean
}

/** @param onRestart forgets what is known of the data before */
export function createEpoch({
  epoch,
  onRestart,
}: {
  epoch: string | undefined
  onRestart: (epoch: string) => void
}): Epoch {
  let current = epoch
  let restarts = 0

  return {
    get current() {
      return current
    },
    get restarts() {
      return restarts
    },
    check(found) {
      // A server of an earlier release does not say it.
      if (found === undefined || found === current) return true
      const isOther = current !== undefined
      current = found
      if (!isOther) return true
      restarts += 1
      onRestart(found)
      return false
    },
  }
}
