import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { Conversations } from '../conversations/conversations.ts'

/** Tells the server what the user has read: in each conversation the newest seq only, and until it is told. */
export interface ReadMarks {
  read(conversationId: string, seq: number): void
}

export function createReadMarks(client: ParleyClient, conversations: Conversations): ReadMarks {
  /** What the server is yet to be told. */
  const owed = new Map<string, number>()
  const told = new Map<string, number>()
  let telling = false

  async function tell(): Promise<void> {
    if (telling || client.state !== 'live') return
    telling = true
    try {
      for (const [id, seq] of owed) {
        await client.receipts.advance(id, { read: seq })
        told.set(id, seq)
        if (owed.get(id) === seq) owed.delete(id)
      }
    } catch {
      // Told again with the next one, or on the next connection.
    } finally {
      telling = false
    }
  }

  client.on('state', (state) => {
    if (state === 'live') void tell()
  })

  return {
    read(id, seq) {
      conversations.noteRead(id, seq)
      if (seq <= Math.max(owed.get(id) ?? 0, told.get(id) ?? 0)) return
      owed.set(id, seq)
      void tell()
    },
  }
}
