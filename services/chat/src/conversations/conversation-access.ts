import type { Conversation } from '@parley/contracts/conversations.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { LRUCache } from 'lru-cache'
import type { ConversationStore } from './conversation-store.ts'

/** The one door to conversations: nobody passes who is not a member. */
export interface ConversationAccess {
  /** @throws ParleyError `conversation-not-found`, also for somebody else's conversation */
  require(userId: string, conversationId: string): Promise<Conversation>
  find(conversationId: string): Promise<Conversation | undefined>
  /** Conversations by their id; an id may come several times, and an unknown one is left out. */
  findMany(conversationIds: readonly string[]): Promise<Map<string, Conversation>>
  /** Stores a conversation, and resolves to what is stored: another replica may have been first. */
  create(conversation: Conversation): Promise<Conversation>
}

/** The members of a direct conversation never change, so it may be remembered. */
export function createConversationAccess({
  conversations,
  cacheSize = 50_000,
}: {
  conversations: ConversationStore
  cacheSize?: number
}): ConversationAccess {
  const known = new LRUCache<string, Conversation>({ max: cacheSize })

  const remember = (conversation: Conversation): Conversation => {
    if (conversation.kind === 'direct') known.set(conversation.id, conversation)
    return conversation
  }

  async function find(id: string): Promise<Conversation | undefined> {
    const conversation = known.get(id) ?? (await conversations.find(id))
    return conversation && remember(conversation)
  }

  return {
    find,
    async findMany(ids) {
      const found = new Map<string, Conversation>()
      const unknown = new Set<string>()
      for (const id of ids) {
        const conversation = known.get(id)
        if (conversation === undefined) unknown.add(id)
        else found.set(id, conversation)
      }
      if (unknown.size === 0) return found
      for (const conversation of await conversations.findMany([...unknown])) {
        found.set(conversation.id, remember(conversation))
      }
      return found
    },
    async require(userId, id) {
      const conversation = await find(id)
      if (conversation?.memberIds.includes(userId) !== true) throw new ParleyError('conversation-not-found')
      return conversation
    },
    async create(conversation) {
      await conversations.create(conversation)
      return (await find(conversation.id)) ?? conversation
    },
  }
}
