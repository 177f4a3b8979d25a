import type { OthersUpTo } from './others-up-to.ts'

/** Where a member stands in a conversation, and what is known of how much others said up to there. */
export interface Standing {
  readonly conversationId: string
  readonly read: number
  readonly head: number
  /** Up to the head, or to an earlier entry, where somebody moved the head who did not count. */
  readonly atHead: OthersUpTo
  /** Up to the read mark, or to an earlier one. */
  readonly atRead: OthersUpTo
}

export interface UnreadStore {
  /** A user's conversations whose newest entry the user has not read, at most `limit`, in any order. */
  behind(userId: string, limit: number): Promise<Standing[]>
}
