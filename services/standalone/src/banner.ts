import { styleText } from 'node:util'
import type { Addresses } from './addresses.ts'
import type { DemoUsers } from './demo-users.ts'

export interface Facts {
  readonly addresses: Addresses
  readonly dataFolder: string
  readonly dataExisted: boolean
  readonly demoUsers: DemoUsers
}

/** What a newcomer sees. Colours are left out where `NO_COLOR` is set or nobody looks (util.styleText). */
export function banner({ addresses, dataFolder, dataExisted, demoUsers }: Facts): string {
  const lines: [string, string][] = [
    ['REST API', addresses.api],
    ['Sockets', addresses.sockets],
    ['API pages', addresses.apiPages],
    ['Events', addresses.events],
    ['Metrics', addresses.metrics],
    ['Health', addresses.ready],
    ['Data', `${dataFolder} (${dataExisted ? 'found, goes on' : 'new'})`],
  ]
  if (demoUsers.created) {
    lines.push(['Demo users', demoUsers.emails.join(', ')], ['', `password: ${demoUsers.password}`])
  }
  const rows = lines.map(([name, value]) => ` ${name.padEnd(12)}${value} `)
  const title = ' Parley is running; Ctrl-C ends it '
  const width = Math.max(title.length + 1, ...rows.map((row) => row.length))
  return [
    `╭─${styleText('bold', title)}${'─'.repeat(width - title.length - 1)}╮`,
    ...rows.map((row) => `│${row.padEnd(width)}│`),
    `╰${'─'.repeat(width)}╯`,
    '',
  ].join('\n')
}
