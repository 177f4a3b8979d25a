import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Chat } from './chat.ts'
import { ConnectionBanner } from './connection/connection-banner.tsx'
import { ConversationView } from './conversation/conversation-view.tsx'
import { NoConversation } from './conversation/no-conversation.tsx'
import { Sidebar } from './conversations/sidebar.tsx'
import { openPersonId } from './route.ts'
import { LogInPage } from './session/log-in-page.tsx'
import type { Session } from './session/session.ts'
import { StorageNote } from './storage/storage-note.tsx'

/** @param hint what there is to say for a moment */
export function App({ session, hint }: { session: Session; hint: ReadonlySignal<string | undefined> }) {
  const chat = session.chat.value
  const sawForm = useRef(false)
  if (chat === undefined) sawForm.current = true
  return (
    <>
      {chat === undefined ? (
        <LogInPage session={session} />
      ) : (
        // Nothing of one chat is to be seen in the next one.
        <ChatPage key={chat.client} chat={chat} session={session} takesFocus={sawForm.current} />
      )}
      <p class="toast" aria-live="polite">
        {hint.value !== undefined && <span>{hint.value}</span>}
      </p>
    </>
  )
}

/** The list beside the conversation; on a narrow screen one of the two. */
function ChatPage({ chat, session, takesFocus }: { chat: Chat; session: Session; takesFocus: boolean }) {
  const openId = openPersonId.value
  const personId = openId === chat.me.id ? undefined : openId
  const spoken = chat.spoken.value
  const leftPersonId = useRef(personId)
  useEffect(() => {
    // Back in the list, one goes on where one was, unless something has the focus already.
    const left = leftPersonId.current
    leftPersonId.current = personId
    if (personId !== undefined || left === undefined || document.activeElement !== document.body) return
    document.querySelector<HTMLElement>(`[data-person="${left}"]`)?.focus()
  }, [personId])

  return (
    <main class="chat" data-screen={personId === undefined ? 'list' : 'conversation'}>
      <div class="banners">
        <ConnectionBanner connection={chat.connection} />
        <StorageNote isKept={chat.isKept} />
      </div>
      <Sidebar chat={chat} session={session} openPersonId={personId} takesFocus={takesFocus} />
      <div class="stage">
        {personId === undefined ? (
          <NoConversation />
        ) : (
          <ConversationView key={personId} chat={chat} personId={personId} />
        )}
      </div>
      <div class="for-screen-readers" aria-live="polite">
        {spoken !== undefined && <p key={spoken.id}>{spoken.text}</p>}
      </div>
    </main>
  )
}
