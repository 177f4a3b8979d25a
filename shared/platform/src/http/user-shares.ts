import { ParleyError } from '../parley-error.ts'

/** As many as a socket may send at once after a pause; a person needs a handful. */
export const standardRequestsPerUser = 100

/** How much of a process one user may keep busy. */
export interface UserShares {
  /**
   * Does a user's work, unless so much of it is under way already. What nobody is named for is not counted.
   * @throws ParleyError `rate-limited`
   */
  during<R>(userId: string | undefined, work: () => Promise<R>): Promise<R>
}

/** @param most how many pieces of work of one user may be under way */
export function createUserShares(most: number): UserShares {
  const underWay = new Map<string, number>()
  return {
    async during(userId, work) {
      if (userId === undefined) return work()
      const others = underWay.get(userId) ?? 0
      if (others >= most) {
        const detail = 'Too many requests of this user are under way.'
        throw new ParleyError('rate-limited', { detail, retryAfterSeconds: 1 })
      }
      underWay.set(userId, others + 1)
      try {
        return await work()
      } finally {
        const left = underWay.get(userId)! - 1
        if (left === 0) underWay.delete(userId)
        else underWay.set(userId, left)
      }
    },
  }
}
