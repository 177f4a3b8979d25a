import { isDeepStrictEqual } from 'node:util'
import { randomUUIDv7 } from 'node:crypto'
import type { Conversation } from '@parley/contracts/conversations.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { createBatcher } from '@parley/platform/batcher.ts'
import { type Failpoints, noFailpoints } from '@parley/platform/failpoints.ts'
import type { Logger } from '@parley/platform/log.ts'
import { isOurFault, ParleyError } from '@parley/platform/parley-error.ts'
import type { ConversationStore, Head } from '../conversations/conversation-store.ts'
import { createStandings } from './standings.ts'
import type { ClientKey, TimelineStore } from './timeline-store.ts'

/**
 * The writer of timelines.
 *
 * Guarantees
 * - Dense: the seqs of a conversation are 1, 2, 3 … without holes. Seq n is only tried once n-1 is known to
 *   be stored, or in the same ordered write behind it, and the store stops at the first refusal.
 * - Idempotent: a draft with a known client key returns the entry that was stored for it, for ever and on
 *   any replica; with other content it is refused and nothing is stored.
 * - Durable: a draft resolves only after its entry is. When the outcome of a write is not known, the entry
 *   is looked for; a draft that is then refused as `unavailable` may be sent again with the same client key.
 *
 * Group commit: drafts that arrive while a write is under way share the next one, across conversations; so do,
 * while several write at the same time, those that arrive within its pace.
 */
export interface Timeline {
  /** @throws ParleyError `client-id-reused`, `unavailable`, or `overloaded`: then it was not tried */
  append(draft: Draft): Promise<Appended>
  /** Resolves once nothing is under way. */
  idle(): Promise<void>
}

export interface Draft {
  readonly conversation: Conversation
  readonly senderId: string
  readonly clientId: string
  readonly kind: TimelineEntry['kind']
  readonly body: TimelineEntry['body']
}

export interface Appended {
  readonly entry: TimelineEntry
  /** Whether the entry was stored by an earlier attempt. */
  readonly replayed: boolean
}

export interface Committed {
  readonly entry: TimelineEntry
  readonly conversation: Conversation
}

type Settled = PromiseSettledResult<Appended>
/** A draft within one group, with the id and time that its entry gets. */
interface Attempt extends Draft, ClientKey {
  readonly id: string
  readonly at: string
  result?: Settled
}

/** So many other writers can win the same seqs in a row before we say that we are too busy. */
const maxRounds = 100

/**
 * @param onCommitted is told of new entries (not of replays) after they are durable and their conversations know
 *   of them; publishes them
 * @param groupSize the most drafts in one write
 * @param maxWaiting how many drafts may wait for the write before them, and `maxWaitMs` how long
 */
export function createTimeline({
  store,
  conversations,
  onCommitted,
  logger,
  failpoints = noFailpoints,
  groupSize = 500,
  maxWaiting = 1_000,
  maxWaitMs = 5_000,
}: {
  store: TimelineStore
  conversations: ConversationStore
  onCommitted: (committed: readonly Committed[]) => void
  logger: Logger
  failpoints?: Failpoints
  groupSize?: number
  maxWaiting?: number
  maxWaitMs?: number
}): Timeline {
  const standings = createStandings({ store, conversations })
  const group = createBatcher(commitGroup, {
    maxSize: groupSize,
    maxWaiting,
    maxWaitMs,
    paceMs: store.appendPaceMs,
    paceSingles: false,
  })

  async function commitGroup(drafts: readonly Draft[]): Promise<Settled[]> {
    const at = new Date().toISOString()
    const attempts = drafts.map((draft): Attempt => ({
      ...draft,
      conversationId: draft.conversation.id,
      id: randomUUIDv7(),
      at,
    }))
    // The same client key twice in one group: the later ones are answered by what the first one became.
    const firsts = new Map<string, Attempt>()
    for (const attempt of attempts) {
      const key = keyOf(attempt)
      if (!firsts.has(key)) firsts.set(key, attempt)
    }

    const committed = await commit([...firsts.values()])
    if (committed.length > 0) onCommitted(committed)

    return attempts.map((attempt) => {
      const first = firsts.get(keyOf(attempt))
      if (first?.result === undefined)
        return refused(new ParleyError('unavailable', { retryAfterSeconds: 1 }))
      if (first === attempt || first.result.status === 'rejected') return first.result
      return replay(attempt, first.result.value.entry)
    })
  }

  /** Gives every attempt its result, and returns what was stored anew and may be published. */
  async function commit(attempts: readonly Attempt[]): Promise<Committed[]> {
    const committed: Committed[] = []
    const toTell: Head[] = []
    let open = attempts
    try {
      for (let round = 0; open.length > 0 && round < maxRounds; round += 1) {
        const entries = await numberEntries(open)
        failpoints.hit('before-insert')
        const {
          inserted,
          refused: reason,
          advanced,
        } = await store.append(entries, (some) => standings.headsAfter(some))
        failpoints.hit('after-insert')
        const stored = entries.slice(0, inserted)
        if (advanced === undefined) toTell.push(...standings.headsAfter(stored))
        standings.note(stored)
        if (advanced !== undefined) standings.noteTold(advanced)
        open.slice(0, inserted).forEach((attempt, index) => {
          const entry = entries[index]!
          attempt.result = { status: 'fulfilled', value: { entry, replayed: false } }
          committed.push({ entry, conversation: attempt.conversation })
        })
        open = open.slice(inserted)
        // Another replica writes here. What else is open is likely to be behind as well: one more round for
        // all of it, instead of one for each conversation.
        if (reason === 'seq-taken') for (const { conversationId } of open) standings.forget(conversationId)
        if (reason === 'client-id-taken') open = await settleKnown(open)
      }
    } catch (error) {
      open = await settleAfterFailure(open, error)
    }
    return toTell.length === 0 || (await advanceConversations(toTell)) ? committed : []
  }

  /** Numbers attempts from the head of their conversation on, in order. */
  async function numberEntries(attempts: readonly Attempt[]): Promise<TimelineEntry[]> {
    const ids = [...new Set(attempts.map(({ conversationId }) => conversationId))]
    await standings.load(ids)
    const next = new Map(ids.map((id) => [id, standings.seqOf(id) + 1]))
    return attempts.map(({ id, conversationId, senderId, clientId, at, kind, body }) => {
      const seq = next.get(conversationId)!
      next.set(conversationId, seq + 1)
      return { id, conversationId, seq, kind, senderId, clientId, at, body }
    })
  }

  /** Settles the attempts that are stored already, and returns the others. */
  async function settleKnown(attempts: readonly Attempt[]): Promise<Attempt[]> {
    const stored = await store.findByClientKeys(attempts)
    const byKey = new Map(stored.map((entry) => [keyOf(entry), entry]))
    return attempts.filter((attempt) => {
      const entry = byKey.get(keyOf(attempt))
      if (entry !== undefined) attempt.result = replay(attempt, entry)
      return entry === undefined
    })
  }

  /** A write failed, and nobody knows how much of it was stored: look, and refuse what is not there. */
  async function settleAfterFailure(attempts: readonly Attempt[], error: unknown): Promise<Attempt[]> {
    if (isOurFault(error)) logger.error({ err: error, attempts: attempts.length }, 'timeline write failed')
    for (const { conversationId } of attempts) standings.forget(conversationId)
    let open = [...attempts]
    try {
      open = await settleKnown(attempts)
    } catch {
      // Sent again with the same client key, each of them finds out.
    }
    if (error instanceof ParleyError && error.code === 'unavailable')
      for (const attempt of open) attempt.result = refused(error)
    return open
  }

  /**
   * Derived from the entries, which are safe already. When it fails they are not published now but stay pending,
   * so that the outbox sweep does it again before it publishes them: a head that is behind would hide them from
   * clients that compare heads.
   */
  async function advanceConversations(heads: readonly Head[]): Promise<boolean> {
    try {
      await conversations.advance(heads)
      standings.noteTold(heads)
      return true
    } catch (error) {
      logger.error({ err: error }, 'conversation heads were not advanced, left to the sweep')
      return false
    }
  }

  return { append: (draft) => group.add(draft), idle: () => group.idle() }
}

const keyOf = ({ conversationId, senderId, clientId }: ClientKey): string =>
  `${conversationId}/${senderId}/${clientId}`

const refused = (reason: ParleyError): Settled => ({ status: 'rejected', reason })

function replay(draft: Draft, entry: TimelineEntry): Settled {
  return entry.kind === draft.kind && isDeepStrictEqual(entry.body, draft.body)
    ? { status: 'fulfilled', value: { entry, replayed: true } }
    : refused(new ParleyError('client-id-reused'))
}
