import type { TimelineStore } from '../timeline/timeline-store.ts'
import { countBetween, othersThan } from './count-between.ts'

/** So many messages of others than a member there are up to a seq. */
export interface OthersUpTo {
  readonly to: number
  readonly others: number
}

/**
 * How many there are up to another seq, from the nearest place where it is known on: what is in between is counted.
 * @param known of the same member and conversation
 */
export async function othersUpTo(
  timeline: Pick<TimelineStore, 'countBySender'>,
  { userId, conversationId, seq }: { userId: string; conversationId: string; seq: number },
  known: readonly OthersUpTo[],
): Promise<number> {
  const distance = ({ to }: OthersUpTo): number => Math.abs(to - seq)
  const nearest = known.reduce((best, next) => (distance(next) < distance(best) ? next : best), {
    to: 0,
    others: 0,
  })
  if (nearest.to === seq) return nearest.others
  const [from, upTo] = [Math.min(nearest.to, seq), Math.max(nearest.to, seq)]
  const between = othersThan(userId, await countBetween(timeline, conversationId, from, upTo))
  return nearest.to < seq ? nearest.others + between : Math.max(0, nearest.others - between)
}
