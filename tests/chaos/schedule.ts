import { createRandom } from '../traffic/plan.ts'

/** The same seed gives the same order. Fisher and Yates, as in Knuth, TAOCP 2, 3.4.2, algorithm P. */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const below = createRandom(seed)
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = below(last + 1)
    ;[shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!]
  }
  return shuffled
}
