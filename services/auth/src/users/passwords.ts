import bcrypt from 'bcrypt'
import { type Asker, createFairQueue } from './fair-queue.ts'

/**
 * Hashes and compares passwords, a few at a time and in a fair order: bcrypt keeps a core busy for a good part of a
 * second, and more of it at once would starve everything else in Node's thread pool, where it runs. Both functions
 * throw ParleyError `overloaded` when too many wait already.
 */
export interface Passwords {
  hash(password: string, asker: Asker): Promise<string>
  /**
   * Whether the password is the one that was hashed. All comparisons cost the same, so that the time they take tells
   * nothing: without a hash (there is no such user) the same work is done, and it says no; and to a hash that was made
   * at a lower cost than others so much is added that it comes to the same.
   */
  matches(password: string, hash: string | undefined, asker: Asker): Promise<boolean>
  /** Whether a hash was made when hashes cost less: when the password is at hand, make a new one. */
  isWeak(hash: string): boolean
  /** That hashes like these are stored, which may have cost more than new ones do. */
  noteStored(hashes: readonly string[]): void
}

/**
 * @param cost of new hashes; bcrypt does 2 to the power of it rounds
 * @param maxWaiting how many may wait for their turn, of those who are known and of all others
 */
export function createPasswords({
  cost,
  concurrency,
  maxWaiting = 50,
}: {
  cost: number
  concurrency: number
  maxWaiting?: number
}): Passwords {
  const queue = createFairQueue({ concurrency, maxWaiting })
  /** Of nobody's password, by cost. */
  const dummies = new Map<number, string>()
  let highestCost = cost

  function noteStored(hashes: readonly string[]): void {
    for (const hash of hashes) highestCost = Math.max(highestCost, costOf(hash))
  }

  /** The work of a comparison at a cost, for nothing. */
  async function work(password: string, atCost: number): Promise<void> {
    // Nothing has this hash, and finding that out takes as long as with any other.
    const dummy = dummies.get(atCost) ?? bcrypt.genSaltSync(atCost) + '.'.repeat(31)
    dummies.set(atCost, dummy)
    await bcrypt.compare(password, dummy)
  }

  async function compare(password: string, hash: string | undefined): Promise<boolean> {
    if (hash === undefined) {
      await work(password, highestCost)
      return false
    }
    noteStored([hash])
    const matches = await bcrypt.compare(password, hash)
    // Each step doubles the work, so one of each from here on comes to one of the highest.
    for (let step = costOf(hash); step < highestCost; step += 1) await work(password, step)
    return matches
  }

  return {
    hash: (password, asker) => queue.run(asker, () => bcrypt.hash(password, cost)),
    matches: (password, hash, asker) => queue.run(asker, () => compare(password, hash)),
    isWeak: (hash) => costOf(hash) < cost,
    noteStored,
  }
}

/** 0 for what is no hash of bcrypt, which nothing matches. */
const costOf = (hash: string): number => Number(/^\$2[aby]\$(\d\d)\$/.exec(hash)?.[1] ?? 0)
