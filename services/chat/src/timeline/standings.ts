import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { LRUCache } from 'lru-cache'
import type { ConversationStore, Counts, Head } from '../conversations/conversation-store.ts'
import { countBetween, othersThan } from '../unread/count-between.ts'
import { countedKinds } from '../unread/counted-kinds.ts'
import type { TimelineStore } from './timeline-store.ts'

/** Where conversations stand, as their writer remembers it: their heads, and what counts as unread up to there. */
export interface Standings {
  /** Finds out about those of which nothing is known. Then `seqOf` has all of them. */
  load(conversationIds: readonly string[]): Promise<void>
  seqOf(conversationId: string): number
  /** What entries change about their conversations, once they are stored behind where those stand. */
  headsAfter(entries: readonly TimelineEntry[]): Head[]
  /** They are stored now. */
  note(entries: readonly TimelineEntry[]): void
  /** Their conversations know of these heads now. */
  noteTold(heads: readonly Head[]): void
  forget(conversationId: string): void
}

interface Standing {
  seq: number
  /** When it was read what counts. */
  readonly countedAt: number
  /** Missing where it would take long to find out: then who reads the conversation counts. */
  readonly counts?: { all: number; readonly of: Map<string, number> } | undefined
  /** Senders whose number has changed since the conversation was told of it. */
  readonly untold: Set<string>
}

/** Sending waits for no more than that. */
const mostCounted = 1_000
/** What is kept is read again now and then: `verify --repair` may have put it right. */
const freshMs = 300_000

export function createStandings({
  store,
  conversations,
  cacheSize = 50_000,
}: {
  store: Pick<TimelineStore, 'heads' | 'countBySender'>
  conversations: Pick<ConversationStore, 'countsOf'>
  cacheSize?: number
}): Standings {
  // `load` is what counts as a use of one; everything after it only looks.
  const standings = new LRUCache<string, Standing>({ max: cacheSize })

  /** What counts up to a head, of a conversation that was told of the head, or of one before it. */
  async function countTo(
    seq: number,
    id: string,
    kept: Counts | undefined,
  ): Promise<Omit<Standing, 'countedAt'>> {
    const { to = 0, all = 0, of = new Map<string, number>() } = kept ?? {}
    // Ahead: others have written meanwhile, and will have taken the next seq.
    if (to > seq || seq - to > mostCounted) return { seq, untold: new Set() }
    const more = to === seq ? new Map<string, number>() : await countBetween(store, id, to, seq)
    const together = new Map(of)
    for (const [senderId, count] of more) together.set(senderId, (of.get(senderId) ?? 0) + count)
    return { seq, counts: { all: all + othersThan('', more), of: together }, untold: new Set(more.keys()) }
  }

  return {
    async load(ids) {
      const now = performance.now()
      const isKnown = (id: string): boolean => now - (standings.get(id)?.countedAt ?? -Infinity) <= freshMs
      if (ids.every(isKnown)) return
      const unknown = ids.filter((id) => standings.peek(id) === undefined)
      const heads = unknown.length > 0 ? await store.heads(unknown) : new Map<string, number>()
      const toCount = ids.filter((id) => {
        const standing = standings.peek(id)
        return standing === undefined ? (heads.get(id) ?? 0) > 0 : !isKnown(id)
      })
      const kept = toCount.length > 0 ? await conversations.countsOf(toCount) : new Map<string, Counts>()
      for (const id of unknown) {
        if ((heads.get(id) ?? 0) > 0) continue
        standings.set(id, { seq: 0, countedAt: now, counts: { all: 0, of: new Map() }, untold: new Set() })
      }
      for (const id of toCount) {
        const seq = standings.peek(id)?.seq ?? heads.get(id) ?? 0
        standings.set(id, { ...(await countTo(seq, id, kept.get(id))), countedAt: now })
      }
    },
    seqOf: (id) => standings.peek(id)?.seq ?? 0,
    headsAfter(entries) {
      const after = new Map<string, { seq: number; all: number; of: Map<string, number> | undefined }>()
      for (const { conversationId, seq, kind, senderId } of entries) {
        const standing = standings.peek(conversationId)
        const counts = standing?.counts
        let head = after.get(conversationId)
        if (head === undefined) {
          const isNext = standing?.seq === seq - 1
          head = { seq, all: counts?.all ?? 0, of: counts && isNext ? new Map() : undefined }
          for (const id of standing?.untold ?? []) head.of?.set(id, counts?.of.get(id) ?? 0)
          after.set(conversationId, head)
        }
        head.seq = seq
        if (head.of === undefined || !countedKinds.includes(kind)) continue
        head.all += 1
        head.of.set(senderId, (head.of.get(senderId) ?? counts?.of.get(senderId) ?? 0) + 1)
      }
      return [...after].map(([conversationId, { seq, all, of }]) => ({
        conversationId,
        head: seq,
        ...(of && { counts: { to: seq, all, of } }),
      }))
    },
    note(entries) {
      for (const { conversationId, seq, kind, senderId } of entries) {
        const standing = standings.peek(conversationId)
        if (standing === undefined) continue
        standing.seq = seq
        if (standing.counts === undefined || !countedKinds.includes(kind)) continue
        const { counts, untold } = standing
        counts.all += 1
        counts.of.set(senderId, (counts.of.get(senderId) ?? 0) + 1)
        untold.add(senderId)
      }
    },
    noteTold(heads) {
      for (const { conversationId, head, counts } of heads) {
        const standing = standings.peek(conversationId)
        if (counts !== undefined && standing?.seq === head) standing.untold.clear()
      }
    },
    forget: (id) => void standings.delete(id),
  }
}
