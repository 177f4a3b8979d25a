import type { TimelineEntry, TimelineResponse } from '@parley/contracts/timeline.ts'
import { ParleyClientError, retryAfterMs } from '../client-error.ts'
import { linkAbort } from '../time/abort.ts'
import type { Backoff } from '../time/backoff.ts'
import type { Limiter } from '../time/limiter.ts'
import { sleep, type Timers } from '../time/timers.ts'
import { createPosition, type Position } from './position.ts'
import { countResync, type Resync, type ResyncCount } from './resync.ts'

export interface Head {
  readonly conversationId: string
  readonly head: number
}

/**
 * The timelines of all conversations: takes entries from wherever they come (socket, acks, pages) and hands
 * them out in `seq` order per conversation, each exactly once. Holes are filled from the server, for as long
 * as it takes; one fetch at a time per conversation.
 */
export interface Timelines {
  /** Whether it is known where conversations begin. Until then entries wait. */
  readonly begun: boolean
  /** Begins: these conversations at their heads (history is not replayed), all others at their first entry. */
  begin(heads: readonly Head[]): void
  take(entry: TimelineEntry): void
  /** Forgets everything, for it is of other data; begins anew by `begin`, or at every first entry. */
  restart(fromFirst: boolean): void
  /**
   * Notes that entries up to `head` exist, and fetches what is missing. Resolves once it is handed out, the
   * server refused it for good, or `pause` was called.
   * @param count what is fetched from now on is counted there
   */
  reach(head: Head, count: ResyncCount): Promise<void>
  /** The highest seq handed out of each conversation. */
  seqs(): Record<string, number>
  seq(conversationId: string): number
  /** Allows fetching, and resumes what was missing. Paused at first. */
  resume(): void
  pause(): void
}

interface Conversation {
  readonly position: Position
  /** The fill under way, by the signal that it obeys. */
  filling: Filling | undefined
}

interface Filling {
  readonly signal: AbortSignal
  done: Promise<void>
  /** Where the entries are counted that it brings. */
  count: ResyncCount
  /** Ends the pause that it may make. */
  wake: () => void
}

/** How many entries wait behind holes at most, in all conversations; those beyond are fetched again. */
const maxEarlyInAll = 2_000

/**
 * @param seqs where to go on; undefined when only `begin` can tell
 * @param graceMs how long a hole may wait for its entry, which is often just behind, before it is fetched
 * @param onHoleFilled told what was fetched because a hole showed, and by no `reach`
 * @param onRefused told when the server refuses to fill a hole, such as in a conversation that was left
 */
export function createTimelines({
  seqs,
  fetchPage,
  handOut,
  onHoleFilled,
  onRefused,
  limit,
  timers,
  backoff,
  graceMs,
}: {
  seqs: Readonly<Record<string, number>> | undefined
  fetchPage: (conversationId: string, after: number, signal: AbortSignal) => Promise<TimelineResponse>
  handOut: (entry: TimelineEntry) => void
  onHoleFilled: (resync: Resync) => void
  onRefused: (error: unknown) => void
  limit: Limiter
  timers: Timers
  backoff: Backoff
  graceMs: number
}): Timelines {
  const conversations = new Map<string, Conversation>()
  const room = { left: maxEarlyInAll }
  let begun = seqs !== undefined
  let fetching: AbortController | undefined
  for (const [id, seq] of Object.entries(seqs ?? {})) add(id, seq)

  function add(id: string, begunAt: number | undefined): Conversation {
    const conversation = { position: createPosition({ begunAt, handOut, room }), filling: undefined }
    conversations.set(id, conversation)
    return conversation
  }

  const find = (id: string): Conversation => conversations.get(id) ?? add(id, begun ? 0 : undefined)

  /** Returns when nothing is missing, or nothing more is to be done about it. */
  async function fill(id: string, position: Position, waitMs: number, filling: Filling): Promise<void> {
    const { signal } = filling
    async function pause(ms: number): Promise<void> {
      const abort = linkAbort(signal)
      filling.wake = () => abort.abort()
      await sleep(timers, ms, abort.signal)
      abort.release()
    }
    if (waitMs > 0) await pause(waitMs)
    let failures = 0
    while (position.isBehind && !signal.aborted) {
      const before = position.seq
      let failure: unknown
      try {
        const page = await limit(() => fetchPage(id, position.seq ?? 0, signal))
        if (signal.aborted) return
        position.notice(page.head)
        for (const entry of page.entries) {
          if (position.take(entry)) filling.count.add(id)
        }
        failures = position.seq === before ? failures + 1 : 0
      } catch (error) {
        if (signal.aborted) return
        if (isNotOurs(error)) {
          position.giveUp()
          onRefused(error)
          return
        }
        failure = error
        failures += 1
      }
      if (failures > 0) await pause(backoff(failures - 1, retryAfterMs(failure)))
    }
  }

  function fillHoles(
    id: string,
    conversation: Conversation,
    waitMs: number,
    asked?: ResyncCount,
  ): Promise<void> {
    if (fetching === undefined || !conversation.position.isBehind) return Promise.resolve()
    const { signal } = fetching
    if (conversation.filling?.signal === signal) {
      if (asked !== undefined) conversation.filling.count = asked
      return conversation.filling.done
    }
    const holeCount = countResync('hole', timers)
    const filling: Filling = {
      signal,
      count: asked ?? holeCount,
      done: Promise.resolve(),
      wake: () => undefined,
    }
    filling.done = fill(id, conversation.position, waitMs, filling).then(() => {
      const brought = holeCount.result()
      if (brought.entries > 0) onHoleFilled(brought)
      if (signal.aborted) return undefined
      conversation.filling = undefined
      // What was taken between the last look and this moment found a fill under way, and relied on it.
      return fillHoles(id, conversation, 0, filling.count === holeCount ? undefined : filling.count)
    })
    conversation.filling = filling
    return filling.done
  }

  return {
    get begun() {
      return begun
    },
    begin(heads) {
      for (const { conversationId, head } of heads) find(conversationId).position.begin(head)
      begun = true
      for (const [id, conversation] of conversations) {
        conversation.position.begin(0)
        void fillHoles(id, conversation, graceMs)
      }
    },
    restart(fromFirst) {
      conversations.clear()
      room.left = maxEarlyInAll
      begun = fromFirst
      if (fetching === undefined) return
      fetching.abort()
      fetching = new AbortController()
    },
    take(entry) {
      const conversation = find(entry.conversationId)
      conversation.position.take(entry)
      // What was missing came by itself, so nobody need wait for another fetch: a server may have asked for minutes.
      if (!conversation.position.isBehind) conversation.filling?.wake()
      void fillHoles(entry.conversationId, conversation, graceMs)
    },
    reach({ conversationId, head }, count) {
      const conversation = find(conversationId)
      conversation.position.notice(head)
      return fillHoles(conversationId, conversation, 0, count)
    },
    seqs() {
      return Object.fromEntries([...conversations].map(([id, { position }]) => [id, position.seq ?? 0]))
    },
    seq: (conversationId) => conversations.get(conversationId)?.position.seq ?? 0,
    resume() {
      if (fetching !== undefined) return
      fetching = new AbortController()
      for (const [id, conversation] of conversations) void fillHoles(id, conversation, 0)
    },
    pause() {
      fetching?.abort()
      fetching = undefined
    },
  }
}

/** The conversation was left, so what is missing there will never come. Anything else may pass. */
const isNotOurs = (error: unknown): boolean =>
  error instanceof ParleyClientError &&
  (error.code === 'conversation-not-found' || error.code === 'not-a-participant')
