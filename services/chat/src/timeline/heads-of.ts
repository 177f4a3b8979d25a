import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Head } from '../conversations/conversation-store.ts'

/** What entries change about their conversations: one head for each. */
export function headsOf(entries: readonly TimelineEntry[]): Head[] {
  const newest = new Map<string, number>()
  for (const { conversationId, seq } of entries) {
    newest.set(conversationId, Math.max(seq, newest.get(conversationId) ?? 0))
  }
  return [...newest].map(([conversationId, head]) => ({ conversationId, head }))
}
