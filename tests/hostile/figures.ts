import { type Spread, spreadOf } from '../chaos/spread.ts'
import type { Acked, Life } from '../traffic/protocol.ts'

/** Something that an honest person waited for. Times are in milliseconds, `at` since the epoch. */
export interface Sample {
  readonly at: number
  readonly ms: number
}

export interface Window {
  readonly from: number
  readonly to: number
}

/** The same people's waits without and with somebody hostile, in one run. */
export interface Waits {
  readonly calm: Spread
  readonly hostile: Spread
  /** Of the p99s: how many times longer. Undefined where either has nothing to go by. */
  readonly ratio: number | undefined
}

/** What counts is when somebody began to wait: also who was answered long afterwards. */
export function waitsOf(samples: readonly Sample[], calm: Window, hostile: Window): Waits {
  const within = ({ from, to }: Window): Spread =>
    spreadOf(samples.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms))
  const [without, withThem] = [within(calm), within(hostile)]
  const known = without.count > 0 && withThem.count > 0
  return {
    calm: without,
    hostile: withThem,
    // Clocks tick in milliseconds.
    ratio: known ? Number((Math.max(1, withThem.p99) / Math.max(1, without.p99)).toFixed(2)) : undefined,
  }
}

/** From the first try to send until the sender knew that it was accepted. */
export const sendsOf = (acked: readonly Acked[]): Sample[] =>
  acked.map(({ sentAt, ackedAt }) => ({ at: sentAt, ms: ackedAt - sentAt }))

/** From the first try to send until it came to somebody else. */
export function deliveriesOf(acked: readonly Acked[], lives: readonly Life[]): Sample[] {
  const sent = new Map<string, Acked>()
  for (const entry of acked)
    if ((sent.get(entry.id)?.sentAt ?? Infinity) > entry.sentAt) sent.set(entry.id, entry)
  return lives.flatMap(({ userId, heardAt }) =>
    Object.entries(heardAt).flatMap(([id, at]) => {
      const entry = sent.get(id)
      return entry === undefined || entry.senderId === userId
        ? []
        : [{ at: entry.sentAt, ms: at - entry.sentAt }]
    }),
  )
}
