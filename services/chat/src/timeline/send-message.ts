import { randomUUIDv7 } from 'node:crypto'
import type { Conversation } from '@parley/contracts/conversations.ts'
import type { SendMessageCommand } from '@parley/contracts/messages.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { Caller } from '@parley/platform/tokens/verify-token.ts'
import type { ConversationAccess } from '../conversations/conversation-access.ts'
import { directConversation, directConversationId } from '../conversations/direct-conversation.ts'
import type { UserLimits } from '../limits/user-limits.ts'
import type { People } from '../people/people.ts'
import type { Appended, Timeline } from './timeline.ts'
import type { TimelineStore } from './timeline-store.ts'

interface Content {
  /** Without one, a retry cannot be told from a second message. */
  readonly clientId?: string | undefined
  readonly text: string
  readonly replyTo?: string | undefined
}

export interface SendMessage {
  /**
   * @throws ParleyError `conversation-not-found`, `message-not-found` (of `replyTo`), and as `UserLimits.countSend` and
   *   `Timeline.append`
   */
  intoConversation(caller: Caller, conversationId: string, content: Content): Promise<Appended>
  /** Begins the conversation with the first message. @throws ParleyError `user-not-found`, and as above */
  toPerson(
    caller: Caller,
    receiverId: string,
    content: Content,
  ): Promise<Appended & { conversation: Conversation }>
  /** Whichever of the two the command asks for. @throws ParleyError as above */
  byCommand(caller: Caller, command: SendMessageCommand): Promise<Appended>
}

export function createSendMessage({
  access,
  people,
  timeline,
  store,
  limits,
}: {
  access: ConversationAccess
  people: People
  timeline: Timeline
  store: TimelineStore
  limits: Pick<UserLimits, 'countSend'>
}): SendMessage {
  async function send(conversation: Conversation, caller: Caller, content: Content): Promise<Appended> {
    const { clientId = randomUUIDv7(), text, replyTo } = content
    if (replyTo !== undefined && (await store.findMessage(conversation.id, replyTo)) === undefined) {
      throw new ParleyError('message-not-found', { detail: 'There is no message `replyTo` here.' })
    }
    const body = replyTo === undefined ? { text } : { text, replyTo }
    return timeline.append({ conversation, senderId: caller.userId, clientId, kind: 'message-created', body })
  }

  async function conversationWith(caller: Caller, receiverId: string): Promise<Conversation> {
    if (receiverId === caller.userId) {
      throw new ParleyError('validation-failed', { detail: 'A message goes to another person.' })
    }
    const existing = await access.find(directConversationId(caller.userId, receiverId))
    if (existing !== undefined) return existing
    if (!(await people.exists(receiverId, caller.token))) throw new ParleyError('user-not-found')
    return access.create(directConversation(caller.userId, receiverId))
  }

  async function intoConversation(
    caller: Caller,
    conversationId: string,
    content: Content,
  ): Promise<Appended> {
    limits.countSend(caller.userId, content.text)
    return send(await access.require(caller.userId, conversationId), caller, content)
  }

  async function toPerson(
    caller: Caller,
    receiverId: string,
    content: Content,
  ): Promise<Appended & { conversation: Conversation }> {
    limits.countSend(caller.userId, content.text)
    const conversation = await conversationWith(caller, receiverId)
    return { ...(await send(conversation, caller, content)), conversation }
  }

  return {
    intoConversation,
    toPerson,
    byCommand: (caller, { conversationId, to, ...content }) =>
      // The command's schema asks for exactly one of the two.
      conversationId === undefined
        ? toPerson(caller, to!, content)
        : intoConversation(caller, conversationId, content),
  }
}
