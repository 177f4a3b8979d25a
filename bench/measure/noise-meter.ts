import type { Noise } from '../report/result.ts'
import { calibrate, movedBy, noiseLimit } from './calibration.ts'
import { machineCpu } from './proc.ts'

/** Tells how quiet the machine was around a run. */
export interface NoiseMeter {
  /**
   * @param ours CPU so far of everything that belongs to the run, in microseconds; what else the machine did is
   *   counted as foreign
   */
  around<T>(ours: () => Promise<number>, work: () => Promise<T>): Promise<{ result: T; noise: Noise }>
}

/** The calibration behind a run is that before the next one, unless something else was done between them. */
const freshForMs = 2_000

export function createNoiseMeter(): NoiseMeter {
  let last: { value: number; at: number } | undefined

  function calibration(): number {
    // Until it is compiled it tells of the compiler.
    if (last === undefined) calibrate()
    last = { value: calibrate(), at: performance.now() }
    return last.value
  }

  return {
    async around(ours, work) {
      const before =
        last !== undefined && performance.now() - last.at < freshForMs ? last.value : calibration()
      const [oursBefore, machineBefore, began] = [await ours(), machineCpu(), performance.now()]
      const result = await work()
      const microseconds = (performance.now() - began) * 1_000
      const foreign = machineCpu() - machineBefore - ((await ours()) - oursBefore)
      const after = calibration()
      return {
        result,
        noise: { calibration: [before, after], foreignCores: Math.max(0, foreign / microseconds) },
      }
    },
  }
}

/** What a reader should know of it. */
export function marksOf({ calibration: [before, after] }: Noise): string[] {
  const moved = movedBy(before, after)
  if (moved <= noiseLimit) return []
  return [`noisy: the calibration took ${before.toFixed(0)} ms before and ${after.toFixed(0)} ms after`]
}
