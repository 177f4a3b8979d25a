import { effect, type ReadonlySignal } from '@preact/signals-core'
import type { Chat } from '../chat.ts'
import { readUntil } from '../conversations/summaries.ts'
import type { Row } from './rows.ts'
import type { Thread } from './thread.ts'

/**
 * Marks as read what the user sees: the messages down to the last one whose end is in view, while the window
 * is looked at, and never more. A message that is taller than the view is read when its end is seen.
 * @param inView the last message whose end is in view
 * @returns how to stop
 */
export function readAsSeen({
  chat,
  personId,
  thread,
  inView,
}: {
  chat: Pick<Chat, 'me' | 'attention' | 'conversations' | 'readMarks'>
  personId: string
  thread: Pick<Thread, 'messages'>
  inView: ReadonlySignal<Row | undefined>
}): () => void {
  const me = chat.me.id
  return effect(() => {
    const row = inView.value
    const isHere = chat.attention.isHere.value
    const conversation = chat.conversations.byPerson.value.get(personId)
    if (!isHere || conversation === undefined || row?.kind !== 'message') return
    const { messages } = thread.messages.value
    // What is not accepted yet stands below all that is.
    const seq = row.message.seq ?? messages.at(-1)?.seq ?? 0
    const read = readUntil(conversation, me)
    if (seq <= read) return
    const isUnread = (one: { seq: number; senderId: string }): boolean =>
      one.seq > read && one.seq <= seq && one.senderId !== me
    const count = messages.filter(isUnread).length
    if (count > 0) chat.readMarks.read(conversation.id, seq, count)
  })
}
