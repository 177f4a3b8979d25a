import type { Conversation } from '@parley/contracts/conversations.ts'
import type { OthersUpTo } from '../unread/others-up-to.ts'

/** A place in the order of changes. `changedAt` is a position of the `ChangeClock`: no time of day. */
export interface ChangePosition {
  readonly changedAt: number
  readonly conversationId: string
}

/** A conversation has entries up to `head` now. */
export interface Head {
  readonly conversationId: string
  readonly head: number
  /** Up to the head, with those senders whose number has changed; without it, nobody has counted. */
  readonly counts?: Counts | undefined
}
export type Change = ChangePosition & Head

/**
 * How many entries count as unread up to a seq, in all and of each sender. They follow from the entries, and only
 * grow, so whoever knows them may write them again.
 */
export interface Counts {
  readonly to: number
  readonly all: number
  readonly of: ReadonlyMap<string, number>
}

export type ListedConversation = Conversation & {
  readonly head: number
  readonly changedAt: number
  /** For the member that it is listed for. */
  readonly atHead: OthersUpTo
}

export interface ConversationStore {
  /**
   * Stores a conversation; does nothing when it is there already.
   * @param changedAt where it stands until something is said; without it, where changes are now
   */
  create(conversation: Conversation, changedAt?: number): Promise<void>
  find(id: string): Promise<Conversation | undefined>
  findMany(ids: readonly string[]): Promise<Conversation[]>
  /** A member's conversation with its head. */
  findFor(userId: string, id: string): Promise<ListedConversation | undefined>
  /** A member's conversations, the most recently changed first, starting behind a position. */
  listFor(
    userId: string,
    page: { before: ChangePosition | undefined; limit: number },
  ): Promise<ListedConversation[]>
  /** What changed for a member behind a position, oldest change first. */
  changesFor(userId: string, page: { after: ChangePosition; limit: number }): Promise<Change[]>
  /** Moves heads forward, and their conversations to where changes are now. Derived from the timeline: it may be repeated. */
  advance(heads: readonly Head[]): Promise<void>
  /** The same to given positions. Neither heads nor positions ever move back. */
  advanceTo(changes: readonly Change[]): Promise<void>
  /** What is kept of those conversations that there are. */
  countsOf(conversationIds: readonly string[]): Promise<Map<string, Counts>>
  /** Keeps what somebody counted afterwards; the conversation has not changed. */
  putCounts(conversationId: string, counts: Counts): Promise<void>
  /** Where changes are now. */
  now(): Promise<number>
}
