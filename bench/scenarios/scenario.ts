import type { Bench } from '../bench.ts'
import type { OnSignal } from '../preload/preload-env.ts'
import type { Mode } from '../options.ts'
import type { ScenarioResult } from '../report/result.ts'

/** One thing to find out. */
export interface Scenario {
  readonly name: string
  /** What is measured, in one line. */
  readonly what: string
  readonly modes: readonly Mode[]
  /** What the servers are to do on a signal, where it is not to write profiles. */
  readonly onSignal?: OnSignal
  measure(bench: Bench): Promise<Omit<ScenarioResult, 'scenario' | 'mode'>>
}

/** Seconds of a run that count. */
export const durationOf = ({ options }: Bench, standard: { full: number; short: number }): number =>
  options.duration ?? (options.short ? standard.short : standard.full)
