import type { Conversation } from '@parley/contracts/conversations.ts'
import type { Counts, Head } from '../conversations/conversation-store.ts'
import type { StoredConversation, StoredReceipt, StoredUsage } from './chat-reader.ts'

/**
 * Writes that put right what was found, while chat works on the same data. Each is one step that can be
 * repeated, and that writes nothing where the data has moved on since it was looked at.
 */
export interface ChatRepairs {
  /** Does nothing when the conversation is there. */
  createConversation(conversation: Conversation): Promise<void>
  /** Moves the head forward, never back, and the conversation to where changes are now. */
  advance(head: Head): Promise<void>
  /** Sets the head of a conversation whose head is still `from`. */
  replaceHead(conversationId: string, from: number, to: number): Promise<void>
  /** Lists the conversation for its members and for nobody else. */
  relistMembers(conversationId: string): Promise<void>
  /** Has the event of an entry published again. */
  markPending(entryId: string): Promise<void>
  /** Sets a watermark that still stands where it was found, and has its event published again. */
  replaceWatermark(from: StoredReceipt, to: { delivered: number; read: number }): Promise<void>
  /** Sets what is kept of a conversation, if that is still what was found. */
  replaceCounts(from: StoredConversation, to: Counts): Promise<void>
  /** Sets what a member has read of others up to the read mark, if that still stands where it was found. */
  replaceOthersRead(from: StoredReceipt, othersRead: number): Promise<void>
  /** Sets what is counted as stored by a user, if that is still what was found. */
  replaceUsage(from: StoredUsage, bytes: number): Promise<void>
  /** Removes a watermark that still stands where it was found. */
  removeReceipt(receipt: StoredReceipt): Promise<void>
}
