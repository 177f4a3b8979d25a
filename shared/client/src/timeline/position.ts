import type { TimelineEntry } from '@parley/contracts/timeline.ts'

/**
 * How far one conversation has been handed out.
 *
 * Guarantees, whatever is taken, how often and in which order: entries are handed out in `seq` order without
 * holes, each once; `isBehind` says whether something is known to exist that has not been handed out.
 */
export interface Position {
  /** The highest seq handed out; undefined while it is not known where to begin. */
  readonly seq: number | undefined
  readonly isBehind: boolean
  /** Notes that entries up to `head` exist. */
  notice(head: number): void
  /** Returns whether it was not known before: it was handed out, or is kept for later. */
  take(entry: TimelineEntry): boolean
  /** Begins after `seq`, or earlier if an entry was taken that would be skipped. Works once. */
  begin(seq: number): void
  /** Forgets what is missing, for it is not to be had. */
  giveUp(): void
}

/**
 * @param begunAt where to begin, if that is known: 0 for everything
 * @param maxEarly how many entries after a hole are kept; more are dropped, and fetched when it is filled
 * @param room how many more may be kept in this way, shared with other conversations
 */
export function createPosition({
  begunAt,
  handOut,
  maxEarly = 200,
  room = { left: Infinity },
}: {
  begunAt: number | undefined
  handOut: (entry: TimelineEntry) => void
  maxEarly?: number
  room?: { left: number }
}): Position {
  const early = new Map<number, TimelineEntry>()
  let seq = begunAt
  let head = begunAt ?? 0
  let lowestTaken = Infinity

  function handOutReady(): void {
    while (seq !== undefined) {
      const next = early.get(seq + 1)
      if (next === undefined) return
      early.delete(next.seq)
      room.left += 1
      // Counted first, so that nothing that `handOut` sets off can hand it out again.
      seq = next.seq
      handOut(next)
    }
  }

  function notice(seen: number): void {
    head = Math.max(head, seen)
  }

  return {
    get seq() {
      return seq
    },
    get isBehind() {
      return seq !== undefined && seq < head
    },
    notice,
    take(entry) {
      notice(entry.seq)
      lowestTaken = Math.min(lowestTaken, entry.seq)
      if (seq !== undefined && entry.seq <= seq) return false
      const isNext = seq !== undefined && entry.seq === seq + 1
      const isKept = early.has(entry.seq)
      if (isKept || (!isNext && (early.size >= maxEarly || room.left < 1))) return false
      early.set(entry.seq, entry)
      room.left -= 1
      handOutReady()
      return true
    },
    begin(from) {
      if (seq !== undefined) return
      notice(from)
      seq = Math.min(from, lowestTaken - 1)
      handOutReady()
    },
    giveUp() {
      room.left += early.size
      early.clear()
      head = seq ?? 0
    },
  }
}
