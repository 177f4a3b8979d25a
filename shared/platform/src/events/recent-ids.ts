/** Remembers ids that were seen lately. */
export interface RecentIds {
  has(id: string): boolean
  add(id: string): void
}

/**
 * Two generations: when the younger one is full it becomes the older one, which is forgotten. A lookup and an
 * addition cost a fraction of what a cache costs that keeps its entries in the order of their use.
 * @param least how many are remembered at least; twice as many at most
 */
export function createRecentIds(least: number): RecentIds {
  let younger = new Set<string>()
  let older = new Set<string>()
  return {
    has: (id) => younger.has(id) || older.has(id),
    add(id) {
      younger.add(id)
      if (younger.size < least) return
      older = younger
      younger = new Set()
    },
  }
}
