import type { Waits } from './figures.ts'
import type { HostileReport, PhaseReport } from './run-hostile.ts'

const waitText = ({ calm, hostile, ratio }: Waits): string =>
  `${calm.p50}/${calm.p99} → ${hostile.p50}/${hostile.p99} ms (×${ratio ?? '–'})`

const memoryText = ({ calmPeaks, peaks }: PhaseReport): string =>
  Object.entries(peaks)
    .map(([name, megabytes]) => `${name} ${calmPeaks[name] ?? '?'} → ${megabytes}`)
    .join(', ')

/** A row for each phase: p50/p99 of honest people in the calm before, and with hostile ones; the ratio is of the p99s. */
export const phaseRowsOf = ({ phases }: HostileReport): Record<string, string>[] =>
  phases.map(({ name, waits, ended }) => ({
    'with whom': name,
    sends: waitText(waits.sends),
    deliveries: waitText(waits.deliveries),
    reads: waitText(waits.reads),
    logins: waitText(waits.logins),
    alive: ended.length === 0 ? 'all' : ended.join('; '),
  }))

/** What is too long for a table. */
export const phaseLinesOf = ({ phases }: HostileReport): string[] =>
  phases.flatMap((phase) => [
    `${phase.name}: peak memory in MB ${memoryText(phase)}`,
    `${phase.name}: ${Object.entries(phase.counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')}`,
  ])

export const figuresOf = ({ counts, loginsPutOff, findings }: HostileReport): Record<string, number> => ({
  accepted: counts.accepted,
  LOST: counts.lost,
  DUPLICATED: counts.doubled,
  'OUT OF ORDER': counts.outOfOrder,
  UNEXPECTED: counts.wrong,
  'logins put off and tried again': loginsPutOff,
  FINDINGS: findings.length,
})
