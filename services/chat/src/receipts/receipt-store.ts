import type { Watermark } from '@parley/contracts/receipts.ts'

export type MemberWatermark = Watermark & { readonly conversationId: string }

export interface ReceiptStore {
  /**
   * Moves a member's watermarks forward to at least these values and marks them as pending if that changed
   * anything. Returns where they are now.
   */
  advance(to: MemberWatermark): Promise<{ watermark: MemberWatermark; advanced: boolean }>
  /** The watermarks of conversations; members without any are left out. */
  findMany(conversationIds: readonly string[]): Promise<MemberWatermark[]>
  /** Watermarks whose last move is not known to be published, at most `limit`. */
  pending(limit: number): Promise<MemberWatermark[]>
  /** Clears the pending mark of those that have not moved on since. */
  markPublished(watermarks: readonly MemberWatermark[]): Promise<void>
}
