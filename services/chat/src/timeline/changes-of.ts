import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Change } from '../conversations/conversation-store.ts'

/** What entries change about their conversations: one change for each. */
export function changesOf(entries: readonly TimelineEntry[]): Change[] {
  const changedAt = Date.now()
  const newest = new Map<string, number>()
  for (const { conversationId, seq } of entries) {
    newest.set(conversationId, Math.max(seq, newest.get(conversationId) ?? 0))
  }
  return [...newest].map(([conversationId, head]) => ({ conversationId, head, changedAt }))
}
