/** Who types where: marks that lapse by themselves. */
export interface TypingStore {
  /** How long a mark lives. */
  readonly ttlMs: number
  /**
   * Marks a user as typing. Resolves to whether others should be told: to false, and the mark stays as it
   * is, while it has more than half of its life left.
   */
  started(conversationId: string, userId: string): Promise<boolean>
  /** Removes the mark. Resolves to whether there was one. */
  stopped(conversationId: string, userId: string): Promise<boolean>
}
