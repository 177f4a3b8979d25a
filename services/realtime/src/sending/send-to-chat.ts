import type { EventHandlers } from '../connection/answer-events.ts'
import type { ChatPort } from './chat-port.ts'

/** Hands on to chat what only chat may decide. */
export const createChatHandlers = (
  chat: ChatPort,
): Pick<EventHandlers, 'message:send' | 'receipt:advance'> => ({
  async 'message:send'(socket, command) {
    return { entry: await chat.sendMessage(socket.data.caller, command) }
  },
  async 'receipt:advance'(socket, command) {
    return await chat.advanceReceipt(socket.data.caller, command)
  },
})
