/** Runs the works of one lane one after the other, in order; lanes do not wait for each other. */
export type Lanes = <R>(lane: string, work: () => Promise<R>) => Promise<R>

export function createLanes(): Lanes {
  const last = new Map<string, Promise<unknown>>()

  return (lane, work) => {
    // A work that failed is its caller's matter, not that of the next one.
    const result = (last.get(lane) ?? Promise.resolve()).then(work, work)
    last.set(lane, result)
    const leave = (): void => {
      if (last.get(lane) === result) last.delete(lane)
    }
    result.then(leave, leave)
    return result
  }
}
