import type { Head } from '../conversations/conversation-store.ts'
import type { Message, TimelineEntry } from '@parley/contracts/timeline.ts'

/** What a client calls one attempt to say one thing. Unique for ever. */
export interface ClientKey {
  readonly conversationId: string
  readonly senderId: string
  readonly clientId: string
}

export interface AppendOutcome {
  /** How many entries were stored: always the first ones. */
  readonly inserted: number
  /** Why the next one was not, when not all of them were stored. */
  readonly refused?: 'seq-taken' | 'client-id-taken'
  /** Of what heads the same write told the conversations, as `ConversationStore.advance` does, if it did. */
  readonly advanced?: readonly Head[]
}

export interface TimelineStore {
  /**
   * Appends cost much whatever their size, so while several senders write at the same time, the next one begins so
   * many ms after the one before.
   */
  readonly appendPaceMs: number
  /**
   * Stores entries in the given order, each marked as pending, and stops at the first one whose
   * `(conversationId, seq)` or `(conversationId, senderId, clientId)` is taken. Resolves once the stored
   * ones are durable. Stopping is what keeps seqs dense: nothing is stored behind an entry that was refused.
   * A rejection says nothing about what was stored.
   * @param headsOf what entries that were stored change about their conversations, where the same write tells those
   */
  append(
    entries: readonly TimelineEntry[],
    headsOf?: (stored: readonly TimelineEntry[]) => readonly Head[],
  ): Promise<AppendOutcome>
  /** The highest seq of each conversation; 0 for one without entries. */
  heads(conversationIds: readonly string[]): Promise<Map<string, number>>
  findByClientKeys(keys: readonly ClientKey[]): Promise<TimelineEntry[]>
  /**
   * Entries with a greater seq, oldest first.
   * @param mostBytes of bodies; a store that saves work so ends with an entry beyond them
   */
  after(conversationId: string, seq: number, limit: number, mostBytes?: number): Promise<TimelineEntry[]>
  findMessage(conversationId: string, messageId: string): Promise<Message | undefined>
  /** Messages with a smaller seq (all, without one), newest first; `mostBytes` as in `after`. */
  messagesBefore(
    conversationId: string,
    seq: number | undefined,
    limit: number,
    mostBytes?: number,
  ): Promise<Message[]>
  /** How many entries that count as unread (`countedKinds`) each sender has behind a seq, up to another one. */
  countBySender(conversationId: string, after: number, upTo: number): Promise<Map<string, number>>
  /**
   * Entries not known to be published that were accepted before a moment (ISO 8601), oldest first; then those that
   * were accepted after another one, if it is given.
   */
  pending(acceptedBefore: string, limit: number, orAfter?: string): Promise<TimelineEntry[]>
  markPublished(entryIds: readonly string[]): Promise<void>
}
