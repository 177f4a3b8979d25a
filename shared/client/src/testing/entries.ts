import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { v7 } from 'uuid'

/** The entry at a place of a conversation; the same place always has the same entry. */
export const createEntry = (conversationId: string, seq: number): TimelineEntry => ({
  id: `${conversationId}-${seq}`,
  conversationId,
  seq,
  kind: 'message-created',
  senderId: 'somebody',
  clientId: v7(),
  at: '2026-01-01T00:00:00.000Z',
  body: { text: `message ${seq}` },
})
