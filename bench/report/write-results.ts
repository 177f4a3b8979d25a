import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from '../options.ts'
import { spreadOf } from '../measure/statistics.ts'
import type { describeMachine } from './machine.ts'
import { ratiosOf, type ScenarioResult } from './result.ts'

const folder = join('bench', 'results')

export interface Invocation {
  readonly at: string
  readonly options: Options
  readonly machine: ReturnType<typeof describeMachine>
  readonly results: readonly ScenarioResult[]
}

/** The result as it is kept: with the ratios of all runs worked out. */
export const toJson = ({ results, ...rest }: Invocation): string =>
  JSON.stringify(
    {
      ...rest,
      results: results.map((result) => ({
        ...result,
        ratios: result.ratios.map((ratio) => {
          const runs = ratiosOf(ratio, result.runs)
          return { ...ratio, runs, ...(runs.length > 0 ? spreadOf(runs) : {}) }
        }),
      })),
    },
    undefined,
    2,
  )

/** Writes one file per invocation, named by what was measured, how and when. @returns its path */
export function writeResults(invocation: Invocation): string {
  const { scenarios, mode } = invocation.options
  const when = invocation.at.replaceAll(/[:.]/g, '-')
  const what = scenarios.length > 3 ? `${scenarios.length}-scenarios` : scenarios.join('+')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${what}-${mode}-${when}.json`)
  writeFileSync(file, `${toJson(invocation)}\n`)
  return file
}
