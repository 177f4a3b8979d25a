import { randomBytes } from 'node:crypto'
import { ParleyError } from '@parley/platform/parley-error.ts'
import bcrypt from 'bcrypt'
import pLimit from 'p-limit'

/**
 * Hashes and compares passwords, a few at a time: bcrypt keeps a core busy for a good part of a second, and
 * more of it at once would starve everything else in Node's thread pool. Both functions throw ParleyError
 * `overloaded` when too many wait already.
 */
export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Whether the password is the one that was hashed. Without a hash (there is no such user) it does the same
   * work and says no, so that the time it takes tells nothing.
   */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

/**
 * @param cost of new hashes; bcrypt does 2 to the power of it rounds
 * @param maxWaiting how many may wait for their turn
 */
export function createPasswords({
  cost,
  concurrency,
  maxWaiting = 200,
}: {
  cost: number
  concurrency: number
  maxWaiting?: number
}): Passwords {
  const turns = pLimit(concurrency)
  const nobodysHash = bcrypt.hash(randomBytes(16).toString('hex'), cost)

  async function inTurn<R>(work: () => Promise<R>): Promise<R> {
    if (turns.pendingCount >= maxWaiting) throw new ParleyError('overloaded', { retryAfterSeconds: 10 })
    return await turns(work)
  }

  return {
    hash: (password) => inTurn(() => bcrypt.hash(password, cost)),
    async matches(password, hash) {
      const compared = await inTurn(async () => bcrypt.compare(password, hash ?? (await nobodysHash)))
      return compared && hash !== undefined
    },
  }
}
