import { medianOf, spreadOf } from '../measure/statistics.ts'
import { meets, ratiosOf, type RunRecord, type ScenarioResult } from './result.ts'

/** Cells in columns, as Markdown that can also be read as it is. */
export function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(header), rule, ...rows.map(line)].join('\n')
}

const middleAndEnds = (values: readonly number[], digits: number): string => {
  const known = values.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return '-'
  const { min, median, max } = spreadOf(known)
  if (known.length === 1) return median.toFixed(digits)
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`
}

/** A scenario's result in words and tables: median, and in brackets the least and the most of the runs. */
export function resultText(result: ScenarioResult): string {
  const { scenario, mode, load, runs, columns, ratios, notes } = result
  const subjects = Map.groupBy(runs, ({ subject }) => subject)
  const lines = [`## ${scenario} (${mode}): ${load}`, '']

  const rows = [...subjects].map(([subject, own]) => [
    subject,
    ...columns.map(({ figure, digits }) =>
      middleAndEnds(
        own.flatMap(({ figures }) => figures[figure] ?? []),
        digits,
      ),
    ),
    String(own.length),
  ])
  lines.push(tableOf(['', ...columns.map(({ title }) => title), 'runs'], rows), '')
  lines.push(...cpuTable([...subjects]))

  if (ratios.length > 0) {
    const rowsOfRatios = ratios.map((ratio) => {
      const values = ratiosOf(ratio, runs)
      const { target } = ratio
      if (target === undefined || values.length === 0) return [ratio.name, middleAndEnds(values, 2), '', '']
      const wanted = 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`
      return [
        ratio.name,
        middleAndEnds(values, 2),
        wanted,
        meets(target, medianOf(values)) ? 'met' : 'missed',
      ]
    })
    lines.push(tableOf(['ratio', 'in this run', 'target', ''], rowsOfRatios), '')
  }

  lines.push(...notes.map((note) => `- ${note}`))
  lines.push(...marksOf(runs))
  return lines.join('\n')
}

/** Where the CPU of a subject with several processes went. */
function cpuTable(subjects: readonly (readonly [string, readonly RunRecord[]])[]): string[] {
  return subjects.flatMap(([subject, runs]) => {
    const names = Object.keys(runs[0]?.cpu ?? {})
    if (names.length < 2) return []
    const rows = names.map((name) => [
      name,
      middleAndEnds(
        runs.map(({ cpu }) => cpu?.[name] ?? Number.NaN),
        1,
      ),
    ])
    return [tableOf([`${subject}, by container`, 'µs each'], rows), '']
  })
}

function marksOf(runs: readonly RunRecord[]): string[] {
  return runs.flatMap(({ subject, run, marks, faults }) => [
    ...marks.map((mark) => `- run ${run} of ${subject}: ${mark}`),
    ...faults.map((fault) => `- ERROR in run ${run} of ${subject}: ${fault}`),
  ])
}
