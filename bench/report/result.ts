/** How far a run can be trusted. */
export interface Noise {
  /** Milliseconds of the fixed piece of work before and after. */
  readonly calibration: readonly [number, number]
  /** Processors that others on this machine kept busy meanwhile. */
  readonly foreignCores: number
}

/** One run of one subject. */
export interface RunRecord {
  /** What was measured: `parley`, or the name of a yardstick. */
  readonly subject: string
  readonly run: number
  readonly figures: Readonly<Record<string, number>>
  /** Microseconds of server CPU per delivery (or request), by process or container. */
  readonly cpu?: Readonly<Record<string, number>>
  readonly noise: Noise
  /** What makes a reader careful. */
  readonly marks: readonly string[]
  /** What must not be: lost, doubled or refused messages, lost sockets. */
  readonly faults: readonly string[]
}

/** A figure of one subject over one of another, run by run. */
export interface Ratio {
  readonly name: string
  readonly over: { readonly subject: string; readonly figure: string }
  readonly under: { readonly subject: string; readonly figure: string }
  /** Of the issue. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number }
}

export interface Column {
  readonly figure: string
  readonly title: string
  /** Behind the point. */
  readonly digits: number
}

export interface ScenarioResult {
  readonly scenario: string
  readonly mode: string
  /** What was offered, for the headline. */
  readonly load: string
  readonly columns: readonly Column[]
  readonly runs: readonly RunRecord[]
  readonly ratios: readonly Ratio[]
  /** For who reads the figures. */
  readonly notes: readonly string[]
  /** Anything over time, or over a parameter; into the file only. */
  readonly series?: unknown
}

/** The ratio of each pair of runs of the same number. */
export function ratiosOf(ratio: Ratio, runs: readonly RunRecord[]): number[] {
  const find = ({ subject, figure }: Ratio['over'], run: number): number | undefined =>
    runs.find((record) => record.subject === subject && record.run === run)?.figures[figure]
  return [...new Set(runs.map(({ run }) => run))].flatMap((run) => {
    const over = find(ratio.over, run)
    const under = find(ratio.under, run)
    return over === undefined || under === undefined ? [] : [over / under]
  })
}

export function meets(target: NonNullable<Ratio['target']>, value: number): boolean {
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}
