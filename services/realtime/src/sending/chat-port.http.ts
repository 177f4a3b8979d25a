import { getConversation } from '@parley/contracts/conversations.ts'
import { sendCommand } from '@parley/contracts/messages.ts'
import { advanceReceipt } from '@parley/contracts/receipts.ts'
import type { ServiceClient } from '@parley/platform/http/service-client.ts'
import type { ChatPort } from './chat-port.ts'

/** The chat service over HTTP, with the caller's own token: chat decides what the caller may do. */
export const createHttpChatPort = (chat: ServiceClient): ChatPort => ({
  async sendMessage({ token }, command) {
    return (await chat.call(sendCommand, { body: command }, token)).entry
  },
  async advanceReceipt({ token }, { conversationId, ...to }) {
    return await chat.call(advanceReceipt, { params: { id: conversationId }, body: to }, token)
  },
  async memberIds({ token }, conversationId) {
    const { conversation } = await chat.call(getConversation, { params: { id: conversationId } }, token)
    return conversation.memberIds
  },
})
