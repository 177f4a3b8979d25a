import type { ClientLife } from './protocol.ts'

/** How clients came back after a gateway went away. */
export interface ComingBack {
  /** How many lost their socket. */
  readonly lost: number
  /** How many of these are live again, and how long after the signal the last one was, in seconds. */
  readonly back: number
  readonly seconds: number
  /** The most handshakes in any second. */
  readonly peakPerSecond: number
  /** That many times what it would be if they came evenly spread over the jitter. */
  readonly peakToEven: number
}

export function comingBack(lives: readonly ClientLife[], sinceMs: number, jitterMs: number): ComingBack {
  const later = lives.map(({ states }) => states.filter(({ at }) => at >= sinceMs))
  const lost = later.filter((states) => states.some(({ state }) => state === 'connecting'))
  const handshakes = lost
    .flatMap((states) => states.filter(({ state }) => state === 'catching-up').map(({ at }) => at))
    .toSorted((one, other) => one - other)
  const back = lost.filter((states) => states.at(-1)?.state === 'live')
  const lastLive = Math.max(sinceMs, ...back.map((states) => states.at(-1)!.at))
  const peakPerSecond = Math.max(
    0,
    ...handshakes.map((from) => handshakes.filter((at) => at >= from && at < from + 1_000).length),
  )
  return {
    lost: lost.length,
    back: back.length,
    seconds: (lastLive - sinceMs) / 1_000,
    peakPerSecond,
    peakToEven: peakPerSecond / (lost.length / (jitterMs / 1_000)),
  }
}
