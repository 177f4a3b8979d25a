import { authProcessConfig } from '@parley/auth/config.ts'
import { chatProcessConfig } from '@parley/chat/config.ts'
import { realtimeProcessConfig } from '@parley/realtime/config.ts'
import { z } from 'zod'
import { standaloneConfig } from './config.ts'

interface Setting {
  readonly name: string
  readonly standard: string
  readonly description: string
}

/** The processes that have settings, in the order in which the table names them. */
const processes = {
  embedded: standaloneConfig,
  auth: authProcessConfig,
  chat: chatProcessConfig,
  realtime: realtimeProcessConfig,
}

function settingsOf(schema: z.ZodObject): Setting[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const described = properties as Record<string, { description?: string; default?: string | number }>
  return Object.entries(described).map(([name, { description = '', default: standard }]) => ({
    name,
    standard: standard === undefined ? '' : String(standard),
    description,
  }))
}

/**
 * A Markdown table of the settings of all processes, by the names of their environment variables. One that
 * means the same everywhere has one line.
 */
export function settingsTable(): string {
  const lines = new Map<string, { setting: Setting; usedBy: string[] }>()
  for (const [process, schema] of Object.entries(processes)) {
    for (const setting of settingsOf(schema)) {
      const key = JSON.stringify(setting)
      const line = lines.get(key) ?? { setting, usedBy: [] }
      lines.set(key, { setting, usedBy: [...line.usedBy, process] })
    }
  }
  const rows = [...lines.values()]
    .toSorted((one, other) => one.setting.name.localeCompare(other.setting.name, 'en'))
    .map(({ setting: { name, standard, description }, usedBy }) => [
      `\`${name}\``,
      standard === '' ? '' : `\`${standard}\``,
      usedBy.length === Object.keys(processes).length ? 'all' : usedBy.join(', '),
      description,
    ])
  return formatTable([['setting', 'standard', 'used by', 'what it does'], ...rows])
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
