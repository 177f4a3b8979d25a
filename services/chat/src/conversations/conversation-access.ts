import type { Conversation } from '@parley/contracts/conversations.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { LRUCache } from 'lru-cache'
import type { ConversationStore } from './conversation-store.ts'

/** The one door to conversations: nobody passes who is not a member. */
export interface ConversationAccess {
  /** @throws ParleyError `conversation-not-found`, also for somebody else's conversation */
  require(userId: string, conversationId: string): Promise<Conversation>
  find(conversationId: string): Promise<Conversation | undefined>
  findMany(conversationIds: readonly string[]): Promise<Conversation[]>
  /** Makes a conversation exist. */
  ensure(conversation: Conversation): Promise<Conversation>
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
      const unknown = ids.filter((id) => !known.has(id))
      if (unknown.length > 0) (await conversations.findMany(unknown)).forEach(remember)
      return ids.flatMap((id) => known.get(id) ?? [])
    },
    async require(userId, id) {
      const conversation = await find(id)
      if (conversation?.memberIds.includes(userId) !== true) throw new ParleyError('conversation-not-found')
      return conversation
    },
    async ensure(conversation) {
      const existing = await find(conversation.id)
      if (existing !== undefined) return existing
      await conversations.create(conversation)
      // Another replica may have been first, so what is stored counts.
      return (await find(conversation.id)) ?? conversation
    },
  }
}
