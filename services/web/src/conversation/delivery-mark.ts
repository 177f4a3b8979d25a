import type { Watermark } from '@parley/contracts/receipts.ts'

/** How far an accepted message of the user's own got. */
export type DeliveryMark = 'sent' | 'delivered' | 'read'

/** How far the others in a conversation got, at least. */
export interface Reach {
  readonly delivered: number
  readonly read: number
}

/** A message counts as delivered or read once it is so for everybody else. */
export function reachOfOthers(watermarks: readonly Watermark[], me: string): Reach {
  const others = watermarks.filter(({ userId }) => userId !== me)
  if (others.length === 0) return { delivered: 0, read: 0 }
  return {
    delivered: Math.min(...others.map(({ delivered }) => delivered)),
    read: Math.min(...others.map(({ read }) => read)),
  }
}

export function deliveryMark(seq: number, { delivered, read }: Reach): DeliveryMark {
  if (seq <= read) return 'read'
  return seq <= delivered ? 'delivered' : 'sent'
}
