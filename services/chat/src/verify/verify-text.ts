import type { Finding } from './finding.ts'
import type { Repaired } from './repair-finding.ts'
import type { Progress, VerifyReport } from './verify-chat.ts'

// How it all looks on a terminal.

/** One line. */
export function findingLine(finding: Finding, repaired: Repaired | undefined): string {
  const { code, conversationId, seq, entryId, userId, expected, found } = finding
  const places = Object.entries({ conversation: conversationId, seq, entry: entryId, user: userId })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
  const outcome = repaired && `${repaired.done ? 'repaired' : 'not repaired'}: ${repaired.note}`
  return [code, ...places, `expected ${expected}; found ${found}`, ...(outcome ? [outcome] : [])].join('  ')
}

export const progressLine = ({ checking, done, total }: Progress): string =>
  total === 1 ? `  ${checking} …` : `  ${checking}: ${done} of about ${Math.max(done, total)} …`

export function summaryText({ checked, found, findings, repaired }: VerifyReport): string {
  const counts = Object.entries(found).map(([code, count]) => [code, count.found, count.repaired])
  const verdict =
    findings === 0
      ? 'Clean: all of it is as chat promises.'
      : `${findings} finding(s), ${repaired} of them repaired.`
  return [
    '',
    ...table(['CHECKED', 'ROWS'], Object.entries(checked)),
    ...(counts.length > 0 ? ['', ...table(['FOUND', 'COUNT', 'REPAIRED'], counts)] : []),
    '',
    verdict,
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, index) => Math.max(...cells.map((row) => row[index]!.length)))
  return cells.map(([name = '', ...numbers]) =>
    [name.padEnd(widths[0]!), ...numbers.map((text, index) => text.padStart(widths[index + 1]!))].join('  '),
  )
}
