/** Beyond this change of the calibration around a run, the run is marked. */
export const noiseLimit = 0.15

const rounds = 16
const stepsPerRound = 25_000_000

/**
 * How long this machine takes for a fixed piece of work right now, in milliseconds of the clock: about a second.
 * It blocks. What else runs on the machine, and how fast its processors are let run, both show.
 */
export function calibrate(): number {
  const started = performance.now()
  let state = 1
  for (let round = 0; round < rounds; round += 1) state = turn(state, stepsPerRound)
  const milliseconds = performance.now() - started
  // Never so; but the work must not be left out as useless.
  if (state === 0) throw new Error('the calibration came to nothing')
  return milliseconds
}

/** A xorshift generator: arithmetic that neither memory nor the garbage collector has a part in. */
function turn(from: number, steps: number): number {
  let state = from
  for (let step = 0; step < steps; step += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
  }
  return state
}

/** How far two calibrations are apart, as a share of the smaller one. */
export const movedBy = (before: number, after: number): number =>
  Math.abs(after - before) / Math.min(before, after)
