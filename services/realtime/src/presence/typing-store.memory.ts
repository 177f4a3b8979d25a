import { LRUCache } from 'lru-cache'
import type { TypingStore } from './typing-store.ts'

/** More people than this do not type at the same time on one process; if they do, some are told twice. */
const maxMarks = 100_000

const keyOf = (conversationId: string, userId: string): string => `${conversationId} ${userId}`

/**
 * The typing marks of one process.
 * @param ttlMs how long a mark lives
 * @param now the clock, in milliseconds
 */
export function createMemoryTypingStore({
  ttlMs,
  now = () => performance.now(),
}: {
  ttlMs: number
  now?: () => number
}): TypingStore {
  /** When each mark lapses. */
  const marks = new LRUCache<string, number>({ max: maxMarks })
  const lifeLeft = (key: string): number => (marks.get(key) ?? -Infinity) - now()

  return {
    ttlMs,
    async started(conversationId, userId) {
      const key = keyOf(conversationId, userId)
      if (lifeLeft(key) > ttlMs / 2) return false
      marks.set(key, now() + ttlMs)
      return true
    },
    async stopped(conversationId, userId) {
      const key = keyOf(conversationId, userId)
      const wasTyping = lifeLeft(key) > 0
      marks.delete(key)
      return wasTyping
    },
  }
}
