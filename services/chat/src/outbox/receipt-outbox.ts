import { createEvent } from '@parley/platform/events/create-event.ts'
import type { Outbox, PendingEvent } from '@parley/platform/events/outbox.ts'
import type { ConversationAccess } from '../conversations/conversation-access.ts'
import type { MemberWatermark, ReceiptStore } from '../receipts/receipt-store.ts'

/** Where a watermark stands names its event: one that has moved on since is another event. */
export function toPendingReceipt(watermark: MemberWatermark, recipientIds: readonly string[]): PendingEvent {
  const { conversationId, userId, delivered, read } = watermark
  const key = [conversationId, userId, delivered, read].join('/')
  const data = { conversationId, userId, delivered, read, recipientIds: [...recipientIds] }
  return {
    key,
    event: createEvent('chat.receipt-advanced.v1', {
      source: 'urn:parley:chat',
      subject: conversationId,
      id: key,
      data,
    }),
  }
}

const fromKey = (key: string): MemberWatermark => {
  const [conversationId = '', userId = '', delivered, read] = key.split('/')
  return { conversationId, userId, delivered: Number(delivered), read: Number(read) }
}

/** Moves of a watermark between two publications become one event: only where it stands matters. */
export function createReceiptOutbox({
  receipts,
  access,
}: {
  receipts: ReceiptStore
  access: ConversationAccess
}): Outbox {
  return {
    async pending(limit) {
      const watermarks = await receipts.pending(limit)
      const conversations = await access.findMany(watermarks.map(({ conversationId }) => conversationId))
      return watermarks.map((watermark) =>
        toPendingReceipt(watermark, conversations.get(watermark.conversationId)?.memberIds ?? []),
      )
    },
    markPublished: (keys) => receipts.markPublished(keys.map(fromKey)),
  }
}
