import { LRUCache } from 'lru-cache'
import type { EventHandlers } from '../connection/answer-events.ts'
import type { ParleyServer } from '../connection/parley-socket.ts'
import { userRoom } from '../connection/rooms.ts'
import type { ChatPort } from '../sending/chat-port.ts'
import { isOutage } from './presence-store.ts'
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

  /** While the store is away nobody knows who was told already, so members of this gateway hear it again. */
  async function shouldTell(conversationId: string, userId: string, typing: boolean): Promise<boolean> {
    try {
      return await (typing ? store.started(conversationId, userId) : store.stopped(conversationId, userId))
    } catch (error) {
      if (isOutage(error)) return true
      throw error
    }
  }

  return async (socket, { conversationId, typing }) => {
    const { caller } = socket.data
    const { userId } = caller
    const key = `${userId} ${conversationId}`
    let memberIds = members.get(key)
    if (memberIds === undefined) {
      memberIds = await chat.memberIds(caller, conversationId)
      if (memberCacheMs > 0) members.set(key, memberIds, { ttl: memberCacheMs })
    }

    if (!(await shouldTell(conversationId, userId, typing))) return {}
    const told = { conversationId, userId, typing, expiresInMs: typing ? store.ttlMs : 0 }
    for (const memberId of memberIds) {
      // Not volatile: that drops what follows another packet in the same turn, also for a client that keeps up, and
      // "stopped" would be lost. What waits for a slow client is bounded as everything else is.
      if (memberId !== userId) io.to(userRoom(memberId)).emit('typing', told)
    }
    return {}
  }
}
