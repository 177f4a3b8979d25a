import { type ClientErrorCode, ParleyClientError } from '../client-error.ts'
import type { OutgoingMessage } from './sender.ts'

/** A message that the server has not accepted yet, as plain JSON: to show, and to store. */
export type UnsentMessage = OutgoingMessage & {
  readonly clientId: string
  /** When it was sent first, in milliseconds since the epoch. */
  readonly since: number
  /** How many tries have failed. */
  readonly attempts: number
  /** Why the last one failed. */
  readonly lastError?: ClientErrorCode
}

/** One message in the list. */
export interface UnsentItem {
  readonly message: UnsentMessage
  failed(error: unknown): void
  /** It was accepted, refused or given up. */
  leave(): void
}

/** What is not accepted yet, in the order of sending. */
export interface Unsent {
  readonly messages: readonly UnsentMessage[]
  add(message: OutgoingMessage & { readonly clientId: string }, since: number): UnsentItem
}

/** @param onChange told after each change, with the whole list */
export function createUnsent(onChange: (messages: readonly UnsentMessage[]) => void): Unsent {
  const items = new Set<{ message: UnsentMessage }>()
  const messages = (): readonly UnsentMessage[] => [...items].map(({ message }) => message)

  return {
    get messages() {
      return messages()
    },
    add(outgoing, since) {
      const item = { message: toUnsent(outgoing, since) }
      items.add(item)
      onChange(messages())
      return {
        get message() {
          return item.message
        },
        failed(error) {
          if (!items.has(item)) return
          const lastError = error instanceof ParleyClientError ? error.code : 'unavailable'
          item.message = { ...item.message, attempts: item.message.attempts + 1, lastError }
          onChange(messages())
        },
        leave() {
          if (items.delete(item)) onChange(messages())
        },
      }
    },
  }
}

/** A copy of what counts: a caller may go on with its own object, and it may be an earlier run's. */
function toUnsent(outgoing: OutgoingMessage & { readonly clientId: string }, since: number): UnsentMessage {
  const { clientId, text } = outgoing
  const common = { clientId, text, since, attempts: 0 }
  if (outgoing.conversationId === undefined) return { ...common, to: outgoing.to }
  const { conversationId, replyTo } = outgoing
  return { ...common, conversationId, ...(replyTo === undefined ? {} : { replyTo }) }
}
