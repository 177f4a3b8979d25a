import type { Chat } from '../chat.ts'
import { joinedText, likeWhom, tagOf } from './look-alikes.ts'

interface Whom {
  readonly chat: Chat
  readonly personId: string
}

/** Behind the name of somebody who could be taken for another one: which of them it is. Else nothing. */
export function NameTag({ chat, personId }: Whom) {
  const other = chat.lookAlikes.value.get(personId)
  if (other === undefined) return null
  const words = likeWhom(other, chat.me.id)
  return (
    <span class="tag" title={words}>
      {' '}
      <span dir="ltr">{tagOf(personId)}</span>
      <span class="for-screen-readers">, {words}</span>
    </span>
  )
}

/** The same in words that everybody sees, and since when they are here: whoever copies a name comes later. */
export function LookAlikeNote({ chat, personId }: Whom) {
  const other = chat.lookAlikes.value.get(personId)
  if (other === undefined) return null
  return (
    <p class="look-alike-note">
      <bdi class="two-lines">{likeWhom(other, chat.me.id)}</bdi>
      {joinedText(personId)}
    </p>
  )
}
