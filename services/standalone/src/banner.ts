import { stripVTControlCharacters, styleText } from 'node:util'
import type { Addresses } from './addresses.ts'
import { type DataCounts, countsInWords } from './count-data.ts'

export interface Facts {
  readonly addresses: Addresses
  /** Whether the web app is built. */
  readonly webApp: boolean
  readonly dataFolder: string
  /** What an earlier run left there; nothing in a new folder. */
  readonly found: DataCounts | null
  readonly demo: { readonly emails: readonly string[]; readonly password: string }
}

/** What a newcomer sees. Colours are left out where `NO_COLOR` is set or nobody looks (util.styleText). */
export function banner({ addresses, webApp, dataFolder, found, demo }: Facts): string {
  const lines: (readonly [name: string, value: string])[] = [
    webApp
      ? ['Web app', styleText('bold', addresses.front)]
      : ['Web app', 'not built; npm start builds it, and so does npm run build:web'],
    ['REST API', addresses.api],
    ['API pages', addresses.apiPages],
    ['Sockets', addresses.sockets],
    ['Events', addresses.events],
    ['Metrics', addresses.metrics],
    ['Health', addresses.ready],
    ['', ''],
    ['Data', `${dataFolder} (${found === null ? 'new' : 'found'})`],
  ]
  if (found !== null) lines.push(['', countsInWords(found)])
  if (demo.emails.length > 0) {
    lines.push(['Demo users', demo.emails.slice(0, 2).join(', ')])
    for (let from = 2; from < demo.emails.length; from += 2)
      lines.push(['', demo.emails.slice(from, from + 2).join(', ')])
    lines.push(['', `password of each: ${demo.password}`])
    if (webApp) lines.push(['', ''], ...twoWindows(addresses))
  }
  return box('Parley is running; Ctrl-C ends it', lines)
}

/** A browser keeps one login per origin, so the second window is another origin, or a private one. */
const twoWindows = ({ front, otherFront }: Addresses): [string, string][] => [
  ['Try it', 'open two windows and talk:'],
  ['  as Alice', front],
  ['  as Bob', otherFront ?? `${front} in a private window`],
]

function box(heading: string, lines: readonly (readonly [string, string])[]): string {
  const title = ` ${heading} `
  const rows = lines.map(([name, value]) => ` ${name.padEnd(12)}${value} `)
  const width = Math.max(title.length + 1, ...rows.map(widthOf))
  return [
    `╭─${styleText('bold', title)}${'─'.repeat(width - title.length - 1)}╮`,
    ...rows.map((row) => `│${row}${' '.repeat(width - widthOf(row))}│`),
    `╰${'─'.repeat(width)}╯`,
    '',
  ].join('\n')
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length
