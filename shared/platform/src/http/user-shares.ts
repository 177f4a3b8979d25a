import { ParleyError } from '../parley-error.ts'

/** As many as a socket may send at once after a pause; a person needs a handful. */
export const standardRequestsPerUser = 100

/** So many of a user's questions are worked on at a time: what an app asks for at its start goes on beside a long page. */
const mostQuestions = 2

/** How much of a process one user may keep busy. */
export interface UserShares {
  /**
   * Does a user's work, unless so much of it is under way already. What nobody is named for is not counted.
   * @throws ParleyError `rate-limited`
   */
  during<R>(userId: string | undefined, work: () => Promise<R>): Promise<R>
  /**
   * The same for a question, such as one for a long page: of one user two are worked on at a time, and the next one
   * begins when others had their turn. Somebody who asks fifty at once then makes nobody wait for fifty pages.
   */
  answering<R>(userId: string | undefined, work: () => Promise<R>): Promise<R>
}

interface Share {
  underWay: number
  questions: number
  readonly waiting: (() => void)[]
}

/** @param most how many pieces of work of one user may be under way, those that wait among them */
export function createUserShares(most: number): UserShares {
  const shares = new Map<string, Share>()

  async function during<R>(
    userId: string | undefined,
    work: (share: Share | undefined) => Promise<R>,
  ): Promise<R> {
    if (userId === undefined) return work(undefined)
    const share = shares.get(userId) ?? { underWay: 0, questions: 0, waiting: [] }
    if (share.underWay >= most) {
      const detail = 'Too many requests of this user are under way.'
      throw new ParleyError('rate-limited', { detail, retryAfterSeconds: 1 })
    }
    shares.set(userId, share)
    share.underWay += 1
    try {
      return await work(share)
    } finally {
      share.underWay -= 1
      if (share.underWay === 0) shares.delete(userId)
    }
  }

  return {
    during: (userId, work) => during(userId, work),
    answering: (userId, work) =>
      during(userId, async (share) => {
        if (share === undefined) return work()
        if (share.questions < mostQuestions) share.questions += 1
        // Takes the place of one that is answered.
        else await new Promise<void>((resolve) => share.waiting.push(resolve))
        try {
          return await work()
        } finally {
          const next = share.waiting.shift()
          if (next === undefined) share.questions -= 1
          else setImmediate(next)
        }
      }),
  }
}
