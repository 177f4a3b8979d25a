/** A conversation whose newest entry a member has not read. */
export interface Behind {
  readonly conversationId: string
  readonly read: number
  readonly head: number
}

export interface UnreadStore {
  /** Those of a user, at most `limit`, in any order. The entries behind the mark may be the user's own. */
  behind(userId: string, limit: number): Promise<Behind[]>
}
