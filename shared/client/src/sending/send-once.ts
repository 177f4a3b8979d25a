import type { sendDirect, sendMessage } from '@parley/contracts/messages.ts'
import type { Message, TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Command } from '../connection/open-link.ts'
import type { Call } from '../http/call.ts'
import type { SendOnce } from './sender.ts'

export function createSendBySocket(command: Command): SendOnce {
  return async ({ conversationId, to, clientId, text, replyTo }) => {
    const { entry } = await command('message:send', {
      ...(conversationId === undefined ? { to } : { conversationId }),
      clientId,
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
    })
    return entry
  }
}

/** @param me id of the user who sends */
export function createSendByHttp(call: Call, me: () => string): SendOnce {
  return async ({ conversationId, to, clientId, text, replyTo }, signal) => {
    if (conversationId === undefined) {
      const body = { sender: me(), receiver: to, messageDetails: { text }, clientId }
      const { message } = await call<typeof sendDirect>('post', '/chat', { body }, signal)
      return entryFromMessage(message)
    }
    const body = { clientId, text, ...(replyTo === undefined ? {} : { replyTo }) }
    const { entry } = await call<typeof sendMessage>(
      'post',
      '/chat/conversations/:id/messages',
      { params: { id: conversationId }, body },
      signal,
    )
    return entry
  }
}

/** The original API answers with the message; the entry that began it holds the same. */
const entryFromMessage = ({ text, replyTo, ...message }: Message): TimelineEntry => ({
  ...message,
  kind: 'message-created',
  body: { text, ...(replyTo === undefined ? {} : { replyTo }) },
})
