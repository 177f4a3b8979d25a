import { z } from 'zod'

interface Setting {
  readonly description?: string
  readonly default?: string | number
}

/** A Markdown table of the settings in a configuration schema, by the names of their environment variables. */
export function settingsTable(schema: z.ZodObject): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const rows = Object.entries(properties as Record<string, Setting>)
    .toSorted(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([name, { description, default: standard }]) => [
      `\`${name}\``,
      standard === undefined || standard === '' ? '' : `\`${standard}\``,
      description ?? '',
    ])
  return formatTable([['setting', 'standard', 'what it does'], ...rows])
}

/** With columns of one width, as the formatter of this repository writes them. */
function formatTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const [begin, end] = ['<!-- settings: npm run docs:settings -->', '<!-- /settings -->'] as const

/** Replaces the table between its two marks in a document. */
export function withSettingsTable(document: string, table: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the document has no place between ${begin} and ${end}`)
  return `${document.slice(0, from + begin.length)}\n\n${table}\n\n${document.slice(to)}`
}
