import type { Message, TimelineEntry } from './timeline.ts'

/** The message that a `message-created` entry begins. */
export function messageFromEntry(entry: TimelineEntry): Message {
  const { id, conversationId, seq, senderId, clientId, at, body } = entry
  return {
    id,
    conversationId,
    seq,
    senderId,
    clientId,
    at,
    text: body.text,
    ...(body.replyTo === undefined ? {} : { replyTo: body.replyTo }),
  }
}

/**
 * Applies later entries to a snapshot of messages (by ascending seq) and returns the new snapshot.
 * Law: a snapshot at any moment, with the entries after it folded in, equals a fresh snapshot.
 * Entries that the snapshot already holds change nothing.
 */
export function foldEntries(snapshot: readonly Message[], entries: readonly TimelineEntry[]): Message[] {
  const messages = new Map(snapshot.map((message) => [message.id, message]))
  for (const entry of entries) {
    if (entry.kind === 'message-created' && !messages.has(entry.id)) {
      messages.set(entry.id, messageFromEntry(entry))
    }
  }
  return [...messages.values()].toSorted((a, b) => a.seq - b.seq)
}
