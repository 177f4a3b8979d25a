const tries = 50

const monotonic = (): number => Number(process.hrtime.bigint()) / 1_000_000

/** From the one clock to the other, as read with the least time between the two. The first readings are slow. */
function findOffset(): number {
  let best = { offset: 0, took: Infinity }
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const before = monotonic()
    const here = performance.now()
    const took = monotonic() - before
    if (took < best.took) best = { offset: before + took / 2 - here, took }
  }
  return best.offset
}

const offset = findOffset()

/** Milliseconds of a clock that all processes of this machine share, and that nobody sets. */
export const now = (): number => performance.now() + offset
