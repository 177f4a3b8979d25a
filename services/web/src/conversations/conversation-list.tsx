import { useEffect, useMemo } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { recentLabel } from '../conversation/days.ts'
import { ClockIcon, FailedIcon } from '../icons.tsx'
import { Avatar } from '../people/avatar.tsx'
import { today } from '../today.ts'
import { NameTag } from '../people/name-tag.tsx'
import { fullName } from '../people/person-name.ts'
import { presenceText } from '../people/presence.ts'
import { addressOf } from '../route.ts'
import { type ListItem, toListItems } from './list-items.ts'
import { unreadText } from './summaries.ts'

const unsentWords = { failed: 'not sent', waiting: 'waiting to be sent', sending: 'sending' } as const

/** How near to the end one has to scroll for the next page to load, in pixels. */
const nearEndPx = 400

export function ConversationList({ chat, openPersonId }: { chat: Chat; openPersonId: string | undefined }) {
  const { list, state, hasMore } = chat.conversations
  const loadMore = (): void => void chat.conversations.loadMore()
  const conversations = list.value
  const queued = chat.outbox.messages.value
  const items = useMemo(() => toListItems(conversations, queued, chat.me.id), [conversations, queued])

  function onScroll({ currentTarget }: { currentTarget: HTMLElement }): void {
    const left = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight
    if (left < nearEndPx && hasMore.value) loadMore()
  }

  return (
    <nav class="sidebar-list" aria-label="Conversations" onScroll={onScroll}>
      {state.value === 'loading' && items.length === 0 && <Skeleton />}
      {state.value === 'failed' && conversations.length === 0 && (
        <p class="sidebar-note">
          Your conversations could not be loaded.{' '}
          <button class="button-link" type="button" onClick={loadMore}>
            Try again
          </button>
        </p>
      )}
      {state.value === 'ready' && items.length === 0 && (
        <p class="sidebar-note">You have no conversations yet. Search above for somebody to talk to.</p>
      )}
      <ul aria-label="Conversations">
        {items.map((item) => (
          <Item key={item.personId} chat={chat} item={item} openPersonId={openPersonId} />
        ))}
      </ul>
      {hasMore.value && (
        <button class="button-link sidebar-more" type="button" onClick={loadMore}>
          Load more conversations
        </button>
      )}
    </nav>
  )
}

function Item({
  chat,
  item: { personId, last, unread, unsent },
  openPersonId,
}: {
  chat: Chat
  item: ListItem
  openPersonId: string | undefined
}) {
  const person = chat.person(personId)
  const online = chat.isOnline(personId)
  const types = chat.typing.people.value.has(personId)
  // So that a time does not stay when it has become a day.
  void today.value
  useEffect(() => {
    if (person === undefined) void chat.directory.find(personId)
  }, [person === undefined])
  return (
    <li>
      <a
        class="item"
        href={addressOf(personId)}
        aria-current={personId === openPersonId ? 'page' : undefined}
        data-unread={unread > 0}
        data-person={personId}
      >
        <Avatar person={person} online={online === true} />
        <span class="item-body">
          <span class="item-line">
            <span class="item-name tagged">
              <bdi class="cut">{fullName(person)}</bdi>
              <NameTag chat={chat} personId={personId} />
            </span>
            <span class="for-screen-readers">, {online !== undefined && `${presenceText(online)},`}</span>
            {last !== undefined && (
              <time class="item-time" dateTime={new Date(last.at).toISOString()}>
                {recentLabel(last.at, Date.now())}
              </time>
            )}
          </span>
          <span class="item-line">
            {types ? (
              <span class="item-text item-typing">typing…</span>
            ) : (
              <span class="item-text cut">
                {last?.isMine === true && 'You: '}
                <bdi>{last?.text.slice(0, 200)}</bdi>
              </span>
            )}
            {unsent !== undefined && (
              <span class="item-unsent" data-state={unsent}>
                {unsent === 'failed' ? <FailedIcon /> : <ClockIcon />}
                <span class="for-screen-readers">, {unsentWords[unsent]}</span>
              </span>
            )}
            {unread > 0 && (
              <span class="badge">
                <span aria-hidden="true">{unreadText(unread)}</span>
                <span class="for-screen-readers">, {unread} unread</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  )
}

/** Grey shapes where the conversations will be. */
const Skeleton = () => (
  <div class="skeleton" aria-hidden="true">
    <span />
    <span />
    <span />
    <span />
  </div>
)
