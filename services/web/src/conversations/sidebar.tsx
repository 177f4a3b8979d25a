import { useEffect, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { Mark } from '../icons.tsx'
import { PeopleSearch } from '../people/people-search.tsx'
import { AccountMenu } from '../session/account-menu.tsx'
import { LogOutDialog } from '../session/log-out-dialog.tsx'
import type { Session } from '../session/session.ts'
import { whatIsLost } from '../session/unsent.ts'
import { ConversationList } from './conversation-list.tsx'

/** With whom one talks, how to find others, and who is logged in. */
export function Sidebar({
  chat,
  session,
  openPersonId,
  takesFocus,
}: {
  chat: Chat
  session: Session
  openPersonId: string | undefined
  /** The form that had the focus is gone. */
  takesFocus: boolean
}) {
  const [lost, setLost] = useState<string>()
  const heading = useRef<HTMLHeadingElement>(null)

  useEffect(() => {
    if (takesFocus && document.activeElement === document.body) heading.current?.focus()
  }, [])

  function logOut(): void {
    const unsent = chat.outbox.messages.value.filter(({ state }) => state !== 'accepted')
    const drafts = chat.drafts.all().filter((text) => text.trim() !== '')
    const losing = whatIsLost(unsent.length, drafts.length)
    if (losing === undefined) void session.logOut()
    else setLost(losing)
  }

  return (
    <section class="sidebar" aria-label="Sidebar">
      <header class="sidebar-head">
        <Mark size={28} />
        <h1 ref={heading} tabIndex={-1}>
          Parley
        </h1>
      </header>
      <PeopleSearch chat={chat}>
        <ConversationList chat={chat} openPersonId={openPersonId} />
      </PeopleSearch>
      <AccountMenu chat={chat} onLogOut={logOut} />
      {lost !== undefined && (
        <LogOutDialog lost={lost} onClose={() => setLost(undefined)} onLogOut={() => void session.logOut()} />
      )}
    </section>
  )
}
