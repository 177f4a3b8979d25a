import type { Conversation } from '@parley/contracts/conversations.ts'

/** A place in the order of changes. Times are milliseconds since the epoch, by the writer's clock. */
export interface ChangePosition {
  readonly changedAt: number
  readonly conversationId: string
}

/** A conversation has entries up to `head` now. */
export interface Change extends ChangePosition {
  readonly head: number
}

export type ListedConversation = Conversation & { readonly head: number; readonly changedAt: number }

export interface ConversationStore {
  /** Stores a conversation; does nothing when it is there already. */
  create(conversation: Conversation): Promise<void>
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
  /** Moves heads and times of change forward, never back. Derived from the timeline, so it may be repeated. */
  advance(changes: readonly Change[]): Promise<void>
}
