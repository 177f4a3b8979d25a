import { effect, type ReadonlySignal } from '@preact/signals-core'
import type { Chat } from '../chat.ts'
import { readUntil } from '../conversations/summaries.ts'
import type { Thread } from './thread.ts'

/**
 * Marks as read what the user sees: the messages down to the last one whose end is in view, while the window
 * is looked at, and never more. A message that is taller than the view is read when its end is seen.
 * @param inView the seq of the last message whose end is in view, or that stands above one that is not accepted yet;
 *   what has come since it was told is not in view
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
  inView: ReadonlySignal<number | undefined>
}): () => void {
  const me = chat.me.id
  return effect(() => {
    const seq = inView.value
    const isHere = chat.attention.isHere.value
    const conversation = chat.conversations.byPerson.value.get(personId)
    if (!isHere || conversation === undefined || seq === undefined) return
    const { messages } = thread.messages.value
    const read = readUntil(conversation, me)
    if (seq <= read) return
    const isUnread = (one: { seq: number; senderId: string }): boolean =>
      one.seq > read && one.seq <= seq && one.senderId !== me
    const count = messages.filter(isUnread).length
    if (count > 0) chat.readMarks.read(conversation.id, seq, count)
  })
}
