import { signal } from '@preact/signals-core'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { readUntil } from '../conversations/summaries.ts'
import { BackIcon } from '../icons.tsx'
import { Avatar } from '../people/avatar.tsx'
import { LookAlikeNote, NameTag } from '../people/name-tag.tsx'
import { fullName, shortName } from '../people/person-name.ts'
import { presenceText } from '../people/presence.ts'
import { listAddress } from '../route.ts'
import { today } from '../today.ts'
import { Composer } from './composer.tsx'
import { dayOf } from './days.ts'
import { reachOfOthers } from './delivery-mark.ts'
import { MessageList, type MessageListHandle } from './message-list.tsx'
import { readAsSeen } from './read-as-seen.ts'
import { toRows } from './rows.ts'
import { shownMessages } from './shown-message.ts'
import { nextUnreadLine, type UnreadLine, withoutLine } from './unread-line.ts'

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
  const state = thread.state.value
  const allQueued = chat.outbox.messages.value
  const isHere = chat.attention.isHere.value
  const online = chat.isOnline(personId)
  const types = chat.typing.people.value.has(personId)

  const readTo = conversation === undefined ? 0 : readUntil(conversation, me)
  /** A new conversation has no summary until it is asked for. */
  const isKnown = conversation !== undefined || (state === 'ready' && conversationId === undefined)
  const line = useRef<UnreadLine | undefined>(undefined)
  if (isKnown) {
    const hasUnread = (conversation?.unread ?? 0) > 0
    line.current = nextUnreadLine(line.current, { readUntil: readTo, hasUnread, isWatched: isHere && atEnd })
  }
  const lineAfter = line.current?.after
  const day = today.value
  const rows = useMemo(() => {
    const queued = allQueued.filter(({ to }) => to === personId)
    const { nextBefore } = messages
    const shown = shownMessages(messages.messages, queued, me)
    return toRows(shown, { dayOf, me, readUntil: lineAfter, nextBefore })
  }, [messages, allQueued, lineAfter, day])
  const receipts = conversation?.receipts
  const reach = useMemo(() => reachOfOthers(receipts ?? [], me), [receipts])

  useEffect(() => {
    if (person === undefined) void chat.directory.find(personId)
    if (document.activeElement?.matches('textarea') !== true) heading.current?.focus()
    return () => chat.typing.stopped()
  }, [])

  /** Down to which seq messages are in view: not a state, since nothing is drawn anew when one scrolls. */
  const inView = useMemo(() => signal<number | undefined>(undefined), [])
  useEffect(() => readAsSeen({ chat, personId, thread, inView }), [])

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
        <Avatar person={person} online={online === true} />
        <div class="conversation-who">
          <h1 id="conversation-title" class="tagged" ref={heading} tabIndex={-1}>
            <bdi class="cut">{person === undefined ? '…' : fullName(person)}</bdi>
            <NameTag chat={chat} personId={personId} />
          </h1>
          <p class="conversation-presence" data-online={online === true}>
            {presenceText(online)}
          </p>
          <LookAlikeNote chat={chat} personId={personId} />
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
        readUntil={readTo}
        onAtEnd={setAtEnd}
        onView={(seq) => (inView.value = seq)}
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
          if (line.current !== undefined) line.current = withoutLine(line.current)
          list.current?.jumpToEnd()
        }}
      />
    </section>
  )
}
