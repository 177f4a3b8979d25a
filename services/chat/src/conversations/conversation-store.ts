import type { Conversation } from '@parley/contracts/conversations.ts'

/** A place in the order of changes. `changedAt` is a position of the `ChangeClock`: no time of day. */
export interface ChangePosition {
  readonly changedAt: number
  readonly conversationId: string
}

/** A conversation has entries up to `head` now. */
export interface Head {
  readonly conversationId: string
  readonly head: number
}
export type Change = ChangePosition & Head

export type ListedConversation = Conversation & { readonly head: number; readonly changedAt: number }

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
  /** Where changes are now. */
  now(): Promise<number>
}
