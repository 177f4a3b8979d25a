import { slopeOf } from '../measure/statistics.ts'
import type { LoadOutcome } from './clients.ts'

const growth = 1.6

/**
 * The highest rate that holds, to within a share of it: grows from the first one until it fails, then halves the gap.
 * @returns 0 when not even an eighth of the first one holds
 */
export async function searchHighest(
  first: number,
  precision: number,
  holds: (rate: number) => Promise<boolean>,
): Promise<number> {
  let good = 0
  let bad = Infinity
  let rate = first
  while (bad === Infinity || bad > good * (1 + precision)) {
    if (await holds(rate)) good = rate
    else bad = rate
    if (good === 0 && bad <= first / 8) return 0
    if (good === 0) rate = bad / 2
    else rate = bad === Infinity ? good * growth : (good + bad) / 2
  }
  return good
}

/** Whether a rate was kept up: quick enough, nothing refused, and what waits does not grow. */
export function isSustained(
  { keptUp, refused, backlog }: Pick<LoadOutcome, 'keptUp' | 'refused' | 'backlog'>,
  p99Ms: number,
  mostP99Ms: number,
  seconds: number,
): boolean {
  if (!keptUp || Object.keys(refused).length > 0 || p99Ms > mostP99Ms) return false
  const during = backlog.filter(({ at }) => at > 0 && at <= seconds * 1_000)
  const grown = slopeOf(during.map(({ at, waiting }) => ({ x: at, y: waiting }))) * seconds * 1_000
  const most = Math.max(50, ...during.slice(0, Math.ceil(during.length / 2)).map(({ waiting }) => waiting))
  return grown < most
}
