import { randomUUIDv7 } from 'node:crypto'
import type { Conversation } from '@parley/contracts/conversations.ts'
import type { SendMessageCommand } from '@parley/contracts/messages.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { Caller } from '@parley/platform/tokens/verify-token.ts'
import type { ConversationAccess } from '../conversations/conversation-access.ts'
import { directConversation, directConversationId } from '../conversations/direct-conversation.ts'
import type { UserLimits } from '../limits/user-limits.ts'
import type { People } from '../people/people.ts'
import { messageBytes } from '../usage/message-bytes.ts'
import type { Usage } from '../usage/usage.ts'
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
   * @throws ParleyError `conversation-not-found`, `message-not-found` (of `replyTo`), `storage-used-up`, and as
   *   `UserLimits.countSend` and `Timeline.append`
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
  usage,
  security,
}: {
  access: ConversationAccess
  people: People
  timeline: Timeline
  store: TimelineStore
  limits: Pick<UserLimits, 'countSend'>
  usage: Pick<Usage, 'hasRoom' | 'add'>
  security?: SecurityLog | undefined
}): SendMessage {
  async function admit({ userId }: Caller, conversationId: string, content: Content): Promise<void> {
    limits.countSend(userId, content.text)
    if (await usage.hasRoom(userId, messageBytes(content.text))) return
    // What is stored needs no more room: a client whose answer was lost is to hear that it is.
    const { clientId } = content
    const known =
      clientId === undefined
        ? []
        : await store.findByClientKeys([{ conversationId, senderId: userId, clientId }])
    if (known.length > 0) return
    security?.note('quota-reached', { userId, reason: 'stored-bytes' })
    throw new ParleyError('storage-used-up')
  }

  async function send(conversation: Conversation, caller: Caller, content: Content): Promise<Appended> {
    const { clientId = randomUUIDv7(), text, replyTo } = content
    if (replyTo !== undefined && (await store.findMessage(conversation.id, replyTo)) === undefined) {
      throw new ParleyError('message-not-found', { detail: 'There is no message `replyTo` here.' })
    }
    const body = replyTo === undefined ? { text } : { text, replyTo }
    const draft = { conversation, senderId: caller.userId, clientId, kind: 'message-created', body } as const
    const appended = await timeline.append(draft)
    if (!appended.replayed) usage.add(caller.userId, messageBytes(text))
    return appended
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
    await admit(caller, conversationId, content)
    return send(await access.require(caller.userId, conversationId), caller, content)
  }

  async function toPerson(
    caller: Caller,
    receiverId: string,
    content: Content,
  ): Promise<Appended & { conversation: Conversation }> {
    await admit(caller, directConversationId(caller.userId, receiverId), content)
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
