/** What a mark says of an event. Neither of the two would be: never to be published, and nobody knows. */
export type Mark = 'pending' | 'published' | 'unreadable'

/** Rows as they are stored, unchecked: the types say what they should be. */
export interface StoredEntry extends EntryPosition {
  readonly id: string
  readonly kind: string
  readonly senderId: string
  readonly clientId: string
  readonly at: string
  readonly body: unknown
  readonly mark: Mark
}

export interface EntryPosition {
  readonly conversationId: string
  readonly seq: number
}

export type StoredClientKey = Pick<StoredEntry, 'conversationId' | 'senderId' | 'clientId' | 'seq' | 'id'>
export type EntryPlace = Pick<StoredEntry, 'id' | 'conversationId' | 'seq' | 'kind'>
export type NewestEntry = Pick<StoredEntry, 'conversationId' | 'seq' | 'at' | 'mark'>

export interface StoredConversation {
  readonly id: string
  readonly kind: string
  readonly memberIds: readonly string[]
  readonly createdAt: string
  readonly head: number
  /** Of the members for whom it is listed, the earliest one. Milliseconds since the epoch. */
  readonly changedAt: number
  /** Whose list it is in. */
  readonly listedFor: readonly string[]
  /** How much of it counts as unread up to a seq, and of each sender. */
  readonly countedTo: number
  readonly counted: number
  readonly countedOf: Readonly<Record<string, number>>
}

export interface StoredReceipt {
  /** What it is stored under: the conversation and the user. */
  readonly key: string
  readonly conversationId: string
  readonly userId: string
  readonly delivered: number
  readonly read: number
  /** How much of others counts up to a seq, which was the read mark. */
  readonly othersReadTo: number
  readonly othersRead: number
  readonly mark: Mark
}

/** How many bytes are counted as stored by a user. */
export interface StoredUsage {
  readonly userId: string
  readonly bytes: number
}

/** What one sender has up to a seq. */
export interface SenderCount {
  readonly senderId: string
  readonly entries: number
  readonly last: number
  readonly counted: number
}

/** The entries of a conversation up to a seq. */
export interface CountedEntries {
  readonly entries: number
  /** The highest seq among them. */
  readonly last: number
  /** How many of each sender count as unread. */
  readonly of: ReadonlyMap<string, number>
}

export const toCountedEntries = (senders: readonly SenderCount[]): CountedEntries => ({
  entries: senders.reduce((sum, { entries }) => sum + entries, 0),
  last: Math.max(0, ...senders.map(({ last }) => last)),
  of: new Map(senders.flatMap(({ senderId, counted }) => (counted > 0 ? [[senderId, counted]] : []))),
})

/**
 * Reads what chat has stored, while chat works on it. Pages are in the order of their keys and begin behind a
 * row; each read sees what was committed when it was made.
 */
export interface ChatReader {
  /** What is wrong with the database itself, one sentence each. */
  storageFaults(): Promise<string[]>
  /** About how many rows there are. */
  counts(): Promise<{ entries: number; conversations: number; receipts: number; usage: number }>
  /** In the order of conversations and seqs. */
  entries(after: EntryPosition | undefined, limit: number): Promise<StoredEntry[]>
  /** In the order of conversations, senders and client ids. */
  clientKeys(after: StoredClientKey | undefined, limit: number): Promise<StoredClientKey[]>
  conversations(after: StoredConversation | undefined, limit: number): Promise<StoredConversation[]>
  /** In the order of conversations and users. */
  receipts(after: Pick<StoredReceipt, 'key'> | undefined, limit: number): Promise<StoredReceipt[]>
  /** In the order of users. */
  usage(after: Pick<StoredUsage, 'userId'> | undefined, limit: number): Promise<StoredUsage[]>
  /** The ids of people. */
  people(after: string | undefined, limit: number): Promise<string[]>
  entriesById(ids: readonly string[]): Promise<EntryPlace[]>
  conversationsById(ids: readonly string[]): Promise<StoredConversation[]>
  receiptsByKey(keys: readonly string[]): Promise<StoredReceipt[]>
  /** The entry with the highest seq, of those conversations that have entries. */
  newest(conversationIds: readonly string[]): Promise<NewestEntry[]>
  countedEntries(conversationId: string, upTo: number): Promise<CountedEntries>
  usageOf(userId: string): Promise<StoredUsage | undefined>
  /** What the entries of a user come to, in all conversations of which they are a member. */
  storedBytes(userId: string): Promise<number>
  /** Those of the ids that the directory of people has. */
  knownPeople(ids: readonly string[]): Promise<Set<string>>
}
