import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { readUntil } from '../conversations/summaries.ts'
import { BackIcon } from '../icons.tsx'
import { Avatar } from '../people/avatar.tsx'
import { tagOf } from '../people/namesakes.ts'
import { fullName, shortName } from '../people/person-name.ts'
import { listAddress } from '../route.ts'
import { Composer } from './composer.tsx'
import { dayOf } from './days.ts'
import { reachOfOthers } from './delivery-mark.ts'
import { MessageList, type MessageListHandle } from './message-list.tsx'
import { toRows } from './rows.ts'
import { shownMessages } from './shown-message.ts'

/** The conversation with one person: who that is, what was said, and where to write. */
export function ConversationView({ chat, personId }: { chat: Chat; personId: string }) {
  const me = chat.me.id
  const thread = useMemo(() => chat.threads.open(personId), [])
  const [atEnd, setAtEnd] = useState(true)
  const list = useRef<MessageListHandle>(null)
  const heading = useRef<HTMLHeadingElement>(null)

  const person = chat.person(personId)
  const conversation = chat.conversations.byPerson.value.get(personId)
  const conversationId = thread.conversationId.value
  const messages = thread.messages.value
  const allQueued = chat.outbox.messages.value
  const isHere = chat.attention.isHere.value
  const online = chat.isOnline(personId)
  const types = chat.typing.people.value.has(personId)

  /** Where the user had read to when they came here. */
  const cameAt = useRef<{ until: number | undefined } | undefined>(undefined)
  if (cameAt.current === undefined && conversation !== undefined) {
    cameAt.current = { until: conversation.unread > 0 ? readUntil(conversation, me) : undefined }
  }
  const until = cameAt.current?.until
  const rows = useMemo(() => {
    const queued = allQueued.filter(({ to }) => to === personId)
    return toRows(shownMessages(messages.messages, queued, me), { dayOf, me, readUntil: until })
  }, [messages, allQueued, until])
  const receipts = conversation?.receipts
  const reach = useMemo(() => reachOfOthers(receipts ?? [], me), [receipts])

  useEffect(() => {
    if (person === undefined) void chat.directory.find(personId)
    if (document.activeElement?.matches('textarea') !== true) heading.current?.focus()
    return () => chat.typing.stopped()
  }, [])

  useEffect(() => {
    const newestOfOthers = messages.messages.findLast(({ senderId }) => senderId !== me)?.seq ?? 0
    const isSeen = isHere && atEnd && conversationId !== undefined && conversation !== undefined
    if (isSeen && newestOfOthers > readUntil(conversation, me))
      chat.readMarks.read(conversationId, messages.head)
  }, [isHere, atEnd, messages, conversation])

  if (person === undefined && chat.directory.nobody.value.has(personId)) {
    return (
      <section class="no-conversation">
        <p>There is nobody at this address.</p>
        <a href={listAddress}>Back to conversations</a>
      </section>
    )
  }
  return (
    <section class="conversation" aria-labelledby="conversation-title">
      <header class="conversation-head">
        <a class="button-icon conversation-back" href={listAddress} aria-label="Back to conversations">
          <BackIcon />
        </a>
        <Avatar person={person} online={online} />
        <div class="cut">
          <h1 id="conversation-title" class="cut" ref={heading} tabIndex={-1}>
            <bdi>{person === undefined ? '…' : fullName(person)}</bdi>
            {chat.namesakes.value.has(personId) && <span class="tag"> {tagOf(personId)}</span>}
          </h1>
          <p class="conversation-presence" data-online={online}>
            {online ? 'online' : 'offline'}
          </p>
        </div>
      </header>
      <MessageList
        handle={list}
        rows={rows}
        thread={thread}
        me={me}
        otherName={shortName(person)}
        reach={reach}
        unread={conversation?.unread ?? 0}
        onAtEnd={setAtEnd}
        onRetry={(clientId) => chat.outbox.retry(clientId)}
        onDiscard={(clientId) => chat.outbox.discard(clientId)}
      />
      <p class="typing-line">
        {types && (
          <>
            <span class="typing-dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            <span>
              <bdi>{shortName(person)}</bdi> is typing…
            </span>
          </>
        )}
      </p>
      <Composer
        personId={personId}
        drafts={chat.drafts}
        onWrite={(text) => conversationId !== undefined && chat.typing.wrote(conversationId, text)}
        onSend={(text) => {
          chat.outbox.send(personId, text)
          chat.typing.stopped()
          list.current?.jumpToEnd()
        }}
      />
    </section>
  )
}
