import { LRUCache } from 'lru-cache'
import type { EventHandlers } from '../connection/answer-events.ts'
import type { ParleyServer } from '../connection/parley-socket.ts'
import { userRoom } from '../connection/rooms.ts'
import type { ChatPort } from '../sending/chat-port.ts'
import type { TypingStore } from './typing-store.ts'

const cachedMemberLists = 10_000

/**
 * Tells the other members that somebody types. Only a member can; what chat said about that is remembered
 * for `memberCacheMs`, since people type far more often than members change.
 */
export function createTypingHandler({
  io,
  chat,
  store,
  memberCacheMs,
}: {
  io: ParleyServer
  chat: ChatPort
  store: TypingStore
  memberCacheMs: number
}): EventHandlers['typing'] {
  const members = new LRUCache<string, readonly string[]>({ max: cachedMemberLists })

  return async (socket, { conversationId, typing }) => {
    const { caller } = socket.data
    const { userId } = caller
    const key = `${userId} ${conversationId}`
    let memberIds = members.get(key)
    if (memberIds === undefined) {
      memberIds = await chat.memberIds(caller, conversationId)
      if (memberCacheMs > 0) members.set(key, memberIds, { ttl: memberCacheMs })
    }

    const change = typing ? store.started(conversationId, userId) : store.stopped(conversationId, userId)
    if (!(await change)) return {}
    const told = { conversationId, userId, typing, expiresInMs: typing ? store.ttlMs : 0 }
    for (const memberId of memberIds) {
      // Volatile: to a client that is behind already, old news of this kind is worth nothing.
      if (memberId !== userId) io.to(userRoom(memberId)).volatile.emit('typing', told)
    }
    return {}
  }
}
