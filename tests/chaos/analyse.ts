import type { ClientState } from '@parley/client/events/client-events.ts'
import type { StoredConversation } from '../traffic/compare.ts'
import type { Acked, Life, SeenEntry, View } from '../traffic/protocol.ts'
import type { RollBack } from '../traffic/roll-back.ts'
import { keptReads, notTold } from './restored.ts'
import { type Spread, spreadOf } from './spread.ts'

/** A fault as it happened. Times are milliseconds since the epoch. */
export interface Happened {
  readonly name: string
  readonly target: string
  readonly from: number
  /** When its cause was gone. */
  readonly to: number
}

export interface Effects extends Happened {
  /**
   * Milliseconds from the end of the cause until all clients were live, and a message that was accepted after
   * it was shown to somebody else; undefined: never.
   */
  readonly recoveredAfter: number | undefined
  /** The longest time from accepting to showing, of messages accepted while it lasted; milliseconds. */
  readonly slowestDelivery: number
}

export interface Analysis {
  readonly faults: readonly Effects[]
  /** Entries of others that a client had from the server's timeline first, by their time since they were accepted. */
  readonly resynced: Spread
  /** From a connection to being live on it. */
  readonly catchUps: Spread
  /** Entries that came over the socket too late or a second time, and were not shown for it. */
  readonly absorbedByClients: number
  /** Entries that never came over a socket that was connected from before they were accepted to the end. */
  readonly missedByLiveSockets: number
  /** Read watermarks that the server confirmed, and does not have. */
  readonly receiptsLost: number
  /** Conversations that a member's list lacks at the end, or where list or client are behind what is stored. */
  readonly hidden: number
  readonly findings: readonly string[]
}

interface Delivery {
  readonly acceptedAt: number
  readonly shownAt: number
  readonly ofOthers: boolean
}

/**
 * Finds out what faults did to clients, from what clients tell of their lives.
 * @param acked what senders were told, with the times at which they were
 * @param readOf the read watermarks that are stored: by user and conversation
 */
export function analyse({
  stored,
  acked,
  views,
  lives,
  happened,
  rollBacks = [],
  readOf,
}: {
  stored: readonly StoredConversation[]
  acked: readonly Acked[]
  views: readonly View[]
  lives: readonly Life[]
  happened: readonly Happened[]
  rollBacks?: readonly RollBack[]
  readOf: (userId: string, conversationId: string) => number
}): Analysis {
  const findings: string[] = []
  const deliveries: Delivery[] = []
  const resynced: number[] = []
  const lifeOf = new Map(lives.map((life) => [life.userId, life]))
  const acceptedAt = acceptedAtBy(acked)

  for (const { userId, entries } of views) {
    const { shownAt, heardAt } = lifeOf.get(userId)!
    entries.forEach((entry, index) => {
      const { id, senderId } = entry
      const delivery = {
        acceptedAt: acceptedAt(entry),
        shownAt: shownAt[index]!,
        ofOthers: senderId !== userId,
      }
      deliveries.push(delivery)
      if (delivery.ofOthers && (heardAt[id] ?? Infinity) > delivery.shownAt)
        resynced.push(delivery.shownAt - delivery.acceptedAt)
    })
  }

  let missedByLiveSockets = 0
  let receiptsLost = 0
  let hidden = 0
  for (const life of lives) {
    const { userId, states, heardAt, read, listed } = life
    findings.push(...notTold(life, rollBacks))
    const since = connectedSince(states)
    for (const { id: conversationId, memberIds, entries } of stored) {
      if (!memberIds.includes(userId)) continue
      const { head, position } = listed[conversationId] ?? { head: 0, position: 0 }
      if (head !== entries.length || position !== entries.length) {
        hidden += 1
        const where = `user ${userId} has conversation ${conversationId}`
        findings.push(`hidden: ${where} at ${position}, listed at ${head}, stored to ${entries.length}`)
      }
      for (const entry of entries) {
        const { id } = entry
        if (acceptedAt(entry) <= since || heardAt[id] !== undefined) continue
        missedByLiveSockets += 1
        findings.push(`missed: user ${userId} never heard of entry ${id} over a socket that was there`)
      }
    }
    for (const [conversationId, seq] of keptReads(read, rollBacks)) {
      if (readOf(userId, conversationId) >= seq) continue
      receiptsLost += 1
      findings.push(`receipt lost: user ${userId} has read conversation ${conversationId} up to ${seq}`)
    }
  }

  return {
    faults: happened.map((fault) => ({ ...fault, ...effectsOf(fault, deliveries, lives) })),
    resynced: spreadOf(resynced),
    catchUps: spreadOf(lives.flatMap(({ states }) => catchUpsOf(states))),
    absorbedByClients: lives.reduce((sum, { repeated }) => sum + repeated, 0),
    missedByLiveSockets,
    receiptsLost,
    hidden,
    findings,
  }
}

const clocksDifferMs = 1_000

/**
 * When an entry was accepted, by one clock: the entry's own time, unless its sender knows that it cannot be. Then a
 * replica's clock was wrong, and the entry counts from when it was sent.
 */
function acceptedAtBy(acked: readonly Acked[]): (entry: SeenEntry) => number {
  const times = new Map(acked.map(({ id, sentAt, ackedAt }) => [id, { sentAt, ackedAt }]))
  return ({ id, at }) => {
    const own = Date.parse(at)
    const { sentAt, ackedAt } = times.get(id) ?? { sentAt: own, ackedAt: own }
    return own >= sentAt - clocksDifferMs && own <= ackedAt + clocksDifferMs ? own : sentAt
  }
}

/** Since when a client has been connected without a break; Infinity when it is not. */
function connectedSince(states: Life['states']): number {
  const last = states.findLast(({ state }) => state === 'catching-up' || isAway(state))
  return last?.state === 'catching-up' ? last.at : Infinity
}

const isAway = (state: ClientState): boolean => state === 'offline' || state === 'connecting'

function catchUpsOf(states: Life['states']): number[] {
  return states.flatMap(({ state, at }, index) => {
    const before = states[index - 1]
    return state === 'live' && before?.state === 'catching-up' ? at - before.at : []
  })
}

function effectsOf(
  { from, to }: Happened,
  deliveries: readonly Delivery[],
  lives: readonly Life[],
): Pick<Effects, 'recoveredAfter' | 'slowestDelivery'> {
  let shown = Infinity
  let slowestDelivery = 0
  for (const { acceptedAt, shownAt, ofOthers } of deliveries) {
    if (ofOthers && acceptedAt >= to) shown = Math.min(shown, shownAt)
    if (acceptedAt >= from && acceptedAt <= to)
      slowestDelivery = Math.max(slowestDelivery, shownAt - acceptedAt)
  }
  const recoveredAt = Math.max(shown, allLiveFrom(to, lives))
  return { recoveredAfter: Number.isFinite(recoveredAt) ? recoveredAt - to : undefined, slowestDelivery }
}

/** The first moment, not before this one, at which nobody who wants to be live is not. */
function allLiveFrom(moment: number, lives: readonly Life[]): number {
  const changes = lives
    .flatMap(({ userId, states }) => states.map(({ state, at }) => ({ userId, state, at })))
    .toSorted((a, b) => a.at - b.at)
  const waiting = new Set<string>()
  for (const { userId, state, at } of changes) {
    if (at > moment && waiting.size === 0) return moment
    if (state === 'connecting' || state === 'catching-up') waiting.add(userId)
    else waiting.delete(userId)
    if (at > moment && waiting.size === 0) return at
  }
  return waiting.size === 0 ? moment : Infinity
}
