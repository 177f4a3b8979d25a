import type { Conversation } from '@parley/contracts/conversations.ts'
import { LRUCache } from 'lru-cache'
import { v5 as uuidv5 } from 'uuid'

/** Each message to a person asks for it, and hashing costs as much as all else that is done before it is stored. */
const ids = new LRUCache<string, string>({ max: 50_000 })
const namespace = '6f1d4b0e-4b39-4f3c-9d0a-0d5b0c3f7a51'

/**
 * The id of the direct conversation of two people. It follows from who they are (UUIDv5, RFC 9562), so two
 * first messages at the same moment, on two replicas, meet in one conversation without a lock.
 */
export function directConversationId(oneId: string, otherId: string): string {
  const name = oneId < otherId ? `${oneId}:${otherId}` : `${otherId}:${oneId}`
  const known = ids.get(name)
  if (known !== undefined) return known
  const id = uuidv5(name, namespace)
  ids.set(name, id)
  return id
}

export const directConversation = (oneId: string, otherId: string): Conversation => ({
  id: directConversationId(oneId, otherId),
  kind: 'direct',
  memberIds: [oneId, otherId].toSorted(),
  createdAt: new Date().toISOString(),
})
