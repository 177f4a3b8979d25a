import { ParleyClientError } from '../client-error.ts'

/**
 * How many items to ask for at a time. An answer that did not come halves it, down to one, for the link may be
 * too bad for a large one; every answer that came lets it grow again, so on any link that brings something
 * whoever pages gets on.
 */
export interface PageSize {
  /** Asks once, for as many as asked for, or fewer. */
  ask<R>(wanted: number | undefined, ask: (limit: number | undefined) => Promise<R>): Promise<R>
}

/** What a server gives, or more, where nothing else is asked for. */
const standard = 100
/** Fewer are no large answer, unless there was trouble with more. */
const fewest = 10

export function createPageSize(most: number): PageSize {
  let size = most

  return {
    async ask(wanted, ask) {
      const limit = wanted === undefined && size >= standard ? undefined : Math.min(wanted ?? standard, size)
      try {
        const answer = await ask(limit)
        size = Math.min(most, Math.ceil(size * 1.25))
        return answer
      } catch (error) {
        const isNoAnswer =
          error instanceof ParleyClientError && error.code === 'unavailable' && error.problem === undefined
        // Whoever wants few, such as one for a number that comes with it, is not told that many are too much.
        const isLarge = limit !== wanted || (limit ?? standard) >= fewest
        // Of several that fail at a time only one counts.
        if (isNoAnswer && isLarge) size = Math.min(size, Math.max(1, Math.floor((limit ?? standard) / 2)))
        throw error
      }
    },
  }
}
