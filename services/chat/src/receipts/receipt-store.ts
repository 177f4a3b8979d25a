import type { OthersUpTo } from '../unread/others-up-to.ts'
import type { Watermark } from '@parley/contracts/receipts.ts'

export type MemberWatermark = Watermark & { readonly conversationId: string }

/** With what is known of how much others said up to the read mark, or up to an earlier one. */
export type KeptWatermark = MemberWatermark & { readonly atRead: OthersUpTo }

export interface ReceiptStore {
  /**
   * Moves a member's watermarks forward to at least these values and marks them as pending if that changed
   * anything. Returns where they are now.
   * @param othersRead how many messages of others there are up to `to.read`; without it, nobody has counted
   */
  advance(
    to: MemberWatermark,
    othersRead?: number,
  ): Promise<{ watermark: MemberWatermark; advanced: boolean }>
  /** The watermarks of conversations; members without any are left out. */
  findMany(conversationIds: readonly string[]): Promise<KeptWatermark[]>
  /** Keeps what somebody counted afterwards, if the read mark has not moved since. */
  noteOthersRead(of: { conversationId: string; userId: string; read: number; others: number }): Promise<void>
  /** Watermarks whose last move is not known to be published, at most `limit`. */
  pending(limit: number): Promise<MemberWatermark[]>
  /** Clears the pending mark of those that have not moved on since. */
  markPublished(watermarks: readonly MemberWatermark[]): Promise<void>
}
