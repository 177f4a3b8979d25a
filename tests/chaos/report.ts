import type { Spread } from './spread.ts'
import type { ChaosReport } from './run-chaos.ts'

const secondsOf = (milliseconds: number): number => Number((milliseconds / 1_000).toFixed(2))
const textOf = ({ count, p50, p99, max }: Spread): string =>
  `${count} (p50 ${secondsOf(p50)} s, p99 ${secondsOf(p99)} s, max ${secondsOf(max)} s)`

/** The figures of a run, in the words of the field. */
export function figuresOf({ counts, ...report }: ChaosReport): Record<string, string | number> {
  const { analysis, broker } = report
  return {
    'seconds of sending': Number(report.seconds.toFixed(1)),
    attempted: counts.accepted + report.duplicateSends,
    acknowledged: counts.accepted,
    'rolled back by a restore': counts.rolledBack,
    LOST: counts.lost,
    UNEXPECTED: counts.wrong,
    'DUPLICATED TO THE EYE': counts.doubled,
    'OUT OF ORDER': counts.outOfOrder,
    HIDDEN: analysis.hidden,
    'RECEIPTS LOST': analysis.receiptsLost,
    'STILL PENDING': report.pending,
    'MISSED BY A LIVE SOCKET': analysis.missedByLiveSockets,
    'VERIFY FINDS': report.verified === '' ? 'nothing' : 'something',
    deliveries: counts.seen,
    'clients offline by themselves': report.disconnects,
    'recovered by resync': textOf(analysis.resynced),
    'from connected to live': textOf(analysis.catchUps),
    'repeated to clients, absorbed': analysis.absorbedByClients,
    'redelivered by the broker': broker.redelivered,
    'duplicate events absorbed': broker.duplicates,
    'dead letters': broker.deadLettered,
  }
}

/** A row for each fault. */
export function faultRowsOf({ analysis, tooLate }: ChaosReport): Record<string, string | number>[] {
  return analysis.faults.map(({ name, target, from, to, recoveredAfter, slowestDelivery }) => ({
    fault: name,
    target: tooLate.includes(name) ? `${target} (nothing was said meanwhile)` : target,
    'lasted s': secondsOf(to - from),
    'recovered after s': recoveredAfter === undefined ? 'never' : secondsOf(recoveredAfter),
    'slowest delivery s': secondsOf(slowestDelivery),
  }))
}
