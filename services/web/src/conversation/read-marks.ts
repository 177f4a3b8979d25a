import { isRetryable, ParleyClientError } from '@parley/client/client-error.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import { askPatiently } from '../connection/ask-patiently.ts'
import type { Conversations } from '../conversations/conversations.ts'

/** Tells the server what the user has read: in each conversation the newest seq only, and until it is told. */
export interface ReadMarks {
  /** @param count how many messages of others that are not marked yet */
  read(conversationId: string, seq: number, count: number): void
}

export function createReadMarks(client: ParleyClient, conversations: Conversations): ReadMarks {
  /** What the server is yet to be told. */
  const owed = new Map<string, number>()
  const told = new Map<string, number>()
  let telling = false

  async function tell(): Promise<void> {
    // Without a socket, too, as long as the server answers.
    const isReached = client.limited === 'no-socket' || client.limited === 'too-many-sockets'
    if (telling || (client.state !== 'live' && !isReached)) return
    telling = true
    try {
      for (const [id, seq] of owed) {
        try {
          await askPatiently(() => client.receipts.advance(id, { read: seq }))
          told.set(id, seq)
        } catch (error) {
          // Told again with the next one, or on the next connection. What is refused would hold up all others.
          if (!(error instanceof ParleyClientError) || isRetryable(error)) return
        }
        if (owed.get(id) === seq) owed.delete(id)
      }
    } finally {
      telling = false
    }
    if (owed.size === 0) conversations.noteTold()
    // One has read on meanwhile.
    else void tell()
  }

  client.on('state', () => void tell())
  client.on('limited', () => void tell())
  client.on('resync', ({ cause }) => {
    if (cause === 'poll') void tell()
  })

  return {
    read(id, seq, count) {
      conversations.noteRead(id, seq, count)
      if (seq > Math.max(owed.get(id) ?? 0, told.get(id) ?? 0)) owed.set(id, seq)
      void tell()
    },
  }
}
