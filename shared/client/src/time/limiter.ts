/** Runs works as they come, at most so many at a time; the others wait in line. */
export type Limiter = <R>(work: () => Promise<R>) => Promise<R>

export function createLimiter(most: number): Limiter {
  const line: (() => void)[] = []
  let running = 0

  return async (work) => {
    // A finished work hands its place to the next in line, so nobody who comes later can take it.
    if (running >= most) await new Promise<void>((resolve) => line.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
