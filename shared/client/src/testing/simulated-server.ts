import type { HeadsResponse } from '@parley/contracts/conversations.ts'
import type { ProblemCode } from '@parley/contracts/problem.ts'
import type { RefreshResponse } from '@parley/contracts/sessions.ts'
import type { TimelineEntry, TimelineResponse } from '@parley/contracts/timeline.ts'

/** A refusal with a problem of the contracts. */
export class Refused extends Error {
  readonly code: ProblemCode
  constructor(code: ProblemCode) {
    super(code)
    this.code = code
  }
}

const timelinePageSize = 3
const headsPageSize = 2
/** Heads see a commit up to this much later than timelines do; their cursor overlaps by more. */
const headsLagMs = 400
const overlapMs = 500
const tokenLifeMs = 60_000

/** Every second commit is seen by heads at once, the others later. */
const visibleFrom = (seq: number, at: number): number => at + (seq % 2) * headsLagMs

/**
 * What a Parley server promises its clients, as a model: dense timelines, sends that are idempotent by
 * `clientId`, heads that are a little behind and whose cursor overlaps, tokens that expire. All users are
 * members of all conversations. It forgets nothing, and does each thing at once: the network does the harm.
 */
export interface SimulatedServer {
  readonly conversations: ReadonlyMap<string, readonly TimelineEntry[]>
  /** How many entries of a conversation heads told of at a time, once that time is over. */
  visibleHead(conversationId: string, at: number): number
  onEntry(listener: (entry: TimelineEntry) => void): void
  logIn(): RefreshResponse
  /** @throws Refused `refresh-token-invalid` */
  refresh(refreshToken: string): RefreshResponse
  /** Until when the token is good. @throws Refused `token-expired` */
  check(token: string): number
  expireTokens(): void
  /** @throws Refused `client-id-reused` */
  send(conversationId: string, senderId: string, clientId: string, text: string): TimelineEntry
  timeline(conversationId: string, after: number): TimelineResponse
  heads(cursor: string | undefined): HeadsResponse
}

export function createSimulatedServer(now: () => number): SimulatedServer {
  const conversations = new Map<string, TimelineEntry[]>()
  const committedAt = new Map<string, number[]>()
  const listeners: ((entry: TimelineEntry) => void)[] = []
  const expiryOf = new Map<string, number>()
  const generations: number[] = []

  function visibleHead(conversationId: string, at: number): number {
    const times = committedAt.get(conversationId) ?? []
    return times.findLastIndex((committed, index) => visibleFrom(index + 1, committed) <= at) + 1
  }

  function issue(session: number): RefreshResponse {
    const generation = generations[session] ?? 0
    const token = `access.${session}.${generation}.${expiryOf.size}`
    expiryOf.set(token, now() + tokenLifeMs)
    return { token, refreshToken: `refresh.${session}.${generation}`, expiresIn: tokenLifeMs / 1_000 }
  }

  return {
    conversations,
    visibleHead,
    onEntry: (listener) => listeners.push(listener),
    logIn() {
      generations.push(0)
      return issue(generations.length - 1)
    },
    refresh(refreshToken) {
      const [, session = NaN, generation = NaN] = refreshToken.split('.').map(Number)
      const age = (generations[session] ?? NaN) - generation
      if (age === 0) generations[session] = generation + 1
      // The token before the newest one still works, for the answer may have been lost. (An older one ends the
      // real one's session: that is no loss of messages, so it is left out here.)
      else if (age !== 1) throw new Refused('refresh-token-invalid')
      return issue(session)
    },
    check(token) {
      const expiry = expiryOf.get(token) ?? 0
      if (expiry <= now()) throw new Refused('token-expired')
      return expiry
    },
    expireTokens: () => expiryOf.clear(),

    send(conversationId, senderId, clientId, text) {
      const entries = conversations.get(conversationId) ?? []
      conversations.set(conversationId, entries)
      const known = entries.find((entry) => entry.senderId === senderId && entry.clientId === clientId)
      if (known !== undefined) {
        if (known.body.text !== text) throw new Refused('client-id-reused')
        return known
      }
      const seq = entries.length + 1
      const entry: TimelineEntry = {
        id: `${conversationId}-${seq}`,
        conversationId,
        seq,
        kind: 'message-created',
        senderId,
        clientId,
        at: '2026-01-01T00:00:00.000Z',
        body: { text },
      }
      entries.push(entry)
      committedAt.set(conversationId, [...(committedAt.get(conversationId) ?? []), now()])
      for (const listener of listeners) listener(entry)
      return entry
    },

    timeline(conversationId, after) {
      const entries = conversations.get(conversationId) ?? []
      const page = entries.slice(after, after + timelinePageSize)
      return { entries: page, head: entries.length, more: after + page.length < entries.length }
    },

    heads(cursor) {
      // In the middle of a round a cursor also says when that began: its end overlaps with what was before.
      const [time = '0', afterId = '', round] = cursor?.split('_') ?? []
      const after = Number(time)
      const begunAt = round === undefined ? now() : Number(round)
      const changes = [...committedAt]
        .map(([id, times]) => ({ id, head: visibleHead(id, now()), times }))
        .filter(({ head }) => head > 0)
        .map(({ id, head, times }) => ({ id, head, changedAt: times[head - 1] ?? 0 }))
        .filter(({ id, changedAt }) => changedAt > after || (changedAt === after && id > afterId))
        .toSorted((a, b) => a.changedAt - b.changedAt || (a.id < b.id ? -1 : 1))
      const page = changes.slice(0, headsPageSize)
      const more = page.length < changes.length
      const last = page.at(-1)
      const next = more && last ? `${last.changedAt}_${last.id}_${begunAt}` : `${begunAt - overlapMs}`
      return { heads: page.map(({ id, head }) => ({ conversationId: id, head })), cursor: next, more }
    },
  }
}
