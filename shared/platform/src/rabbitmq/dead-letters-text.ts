import type { DeadLetter } from './dead-letters.ts'

// How dead letters look on a terminal.

const columns = ['id', 'type', 'queue', 'reason', 'attempts', 'diedAt', 'error'] as const
const widestError = 60

/** One line for each, under a line of headings. */
export function toTable(letters: readonly DeadLetter[]): string {
  const cells = letters.map((letter) =>
    columns.map((name) => {
      const text = String(letter[name] ?? '').replaceAll(/\s+/g, ' ')
      return name === 'error' ? text.slice(0, widestError) : text
    }),
  )
  const rows = [columns.map((name) => name.toUpperCase()), ...cells]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** All that is known about one, and what it carries. */
export function toDetails({ content, ...about }: DeadLetter): string {
  const width = Math.max(...Object.keys(about).map((name) => name.length))
  const lines = Object.entries(about).map(([name, value]) => `${name.padEnd(width)}  ${value ?? ''}`)
  return [...lines, '', indented(content)].join('\n')
}

function indented(content: string): string {
  try {
    return JSON.stringify(JSON.parse(content), null, 2)
  } catch {
    return content
  }
}
