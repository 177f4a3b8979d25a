import type { Conversation } from '@parley/contracts/conversations.ts'
import { v5 as uuidv5 } from 'uuid'

const namespace = '6f1d4b0e-4b39-4f3c-9d0a-0d5b0c3f7a51'

/**
 * The id of the direct conversation of two people. It follows from who they are (UUIDv5, RFC 9562), so two
 * first messages at the same moment, on two replicas, meet in one conversation without a lock.
 */
export const directConversationId = (oneId: string, otherId: string): string =>
  uuidv5([oneId, otherId].toSorted().join(':'), namespace)

export const directConversation = (oneId: string, otherId: string): Conversation => ({
  id: directConversationId(oneId, otherId),
  kind: 'direct',
  memberIds: [oneId, otherId].toSorted(),
  createdAt: new Date().toISOString(),
})
