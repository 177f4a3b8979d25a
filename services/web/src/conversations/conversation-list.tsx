import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import type { Chat } from '../chat.ts'
import { recentLabel } from '../conversation/days.ts'
import { Avatar } from '../people/avatar.tsx'
import { today } from '../today.ts'
import { tagOf } from '../people/namesakes.ts'
import { fullName } from '../people/person-name.ts'
import { presenceText } from '../people/presence.ts'
import { addressOf } from '../route.ts'
import { otherId, otherPerson, unreadText } from './summaries.ts'

/** How near to the end one has to scroll for the next page to load, in pixels. */
const nearEndPx = 400

export function ConversationList({ chat, openPersonId }: { chat: Chat; openPersonId: string | undefined }) {
  const { list, state, hasMore } = chat.conversations
  const loadMore = (): void => void chat.conversations.loadMore()
  const conversations = list.value

  function onScroll({ currentTarget }: { currentTarget: HTMLElement }): void {
    const left = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight
    if (left < nearEndPx && hasMore.value) loadMore()
  }

  return (
    <nav class="sidebar-list" aria-label="Conversations" onScroll={onScroll}>
      {state.value === 'loading' && conversations.length === 0 && <Skeleton />}
      {state.value === 'failed' && conversations.length === 0 && (
        <p class="sidebar-note">
          Your conversations could not be loaded.{' '}
          <button class="button-link" type="button" onClick={loadMore}>
            Try again
          </button>
        </p>
      )}
      {state.value === 'ready' && conversations.length === 0 && (
        <p class="sidebar-note">You have no conversations yet. Search above for somebody to talk to.</p>
      )}
      <ul aria-label="Conversations">
        {conversations.map((conversation) => (
          <Item key={conversation.id} chat={chat} conversation={conversation} openPersonId={openPersonId} />
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
  conversation,
  openPersonId,
}: {
  chat: Chat
  conversation: ConversationSummary
  openPersonId: string | undefined
}) {
  const { lastMessage, unread } = conversation
  const personId = otherId(conversation, chat.me.id)
  const person = otherPerson(conversation, chat.me.id)
  const online = chat.isOnline(personId)
  const types = chat.typing.people.value.has(personId)
  // So that a time does not stay when it has become a day.
  void today.value
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
            <span class="item-name cut">
              <bdi>{fullName(person)}</bdi>
              {chat.namesakes.value.has(personId) && <span class="tag"> {tagOf(personId)}</span>}
            </span>
            <span class="for-screen-readers">, {online !== undefined && `${presenceText(online)},`}</span>
            {lastMessage !== null && (
              <time class="item-time" dateTime={lastMessage.at}>
                {recentLabel(Date.parse(lastMessage.at), Date.now())}
              </time>
            )}
          </span>
          <span class="item-line">
            {types ? (
              <span class="item-text item-typing">typing…</span>
            ) : (
              <span class="item-text cut">
                {lastMessage?.senderId === chat.me.id && 'You: '}
                <bdi>{lastMessage?.text.slice(0, 200)}</bdi>
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
