import { useEffect, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { BellIcon, LogOutIcon, PlusIcon } from '../icons.tsx'
import type { Notifications } from '../notifications/notifications.ts'
import { Avatar } from '../people/avatar.tsx'
import { FindPeople } from '../people/find-people.tsx'
import { fullName } from '../people/person-name.ts'
import { LogOutDialog } from '../session/log-out-dialog.tsx'
import type { Session } from '../session/session.ts'
import { ConversationList } from './conversation-list.tsx'

/** Who is logged in, and with whom they talk. */
export function Sidebar({
  chat,
  session,
  openPersonId,
}: {
  chat: Chat
  session: Session
  openPersonId: string | undefined
}) {
  const [dialog, setDialog] = useState<'find-people' | 'log-out'>()
  const close = (): void => setDialog(undefined)
  const heading = useRef<HTMLHeadingElement>(null)

  useEffect(() => {
    // The form that had the focus is gone.
    if (document.activeElement === document.body) heading.current?.focus()
  }, [])

  function logOut(): void {
    if (chat.outbox.messages.value.some(({ state }) => state !== 'accepted')) setDialog('log-out')
    else void session.logOut()
  }

  return (
    <section class="sidebar" aria-label="Sidebar">
      <header class="sidebar-head">
        <h1 ref={heading} tabIndex={-1}>
          Parley
        </h1>
        <NotificationButton notifications={chat.notifications} />
        <button class="button-icon" type="button" aria-label="Log out" title="Log out" onClick={logOut}>
          <LogOutIcon />
        </button>
      </header>
      <div class="sidebar-new">
        <button class="button-main" type="button" onClick={() => setDialog('find-people')}>
          <PlusIcon /> New conversation
        </button>
      </div>
      <ConversationList chat={chat} openPersonId={openPersonId} />
      <footer class="sidebar-me">
        <Avatar person={chat.me} userId={chat.me.id} />
        <span class="cut">
          <bdi class="sidebar-me-name">{fullName(chat.me)}</bdi>
          <bdi class="sidebar-me-email">{chat.me.email}</bdi>
        </span>
      </footer>
      {dialog === 'find-people' && <FindPeople chat={chat} onClose={close} />}
      {dialog === 'log-out' && <LogOutDialog onClose={close} onLogOut={() => void session.logOut()} />}
    </section>
  )
}

function NotificationButton({ notifications }: { notifications: Notifications }) {
  const state = notifications.state.value
  if (state === 'unavailable') return null
  const isOn = state === 'on'
  const name = isOn ? 'Turn off notifications' : 'Turn on notifications'
  const blocked = 'Your browser blocks notifications of this page. Its settings can allow them.'
  return (
    <button
      class="button-icon"
      type="button"
      aria-label={name}
      title={state === 'blocked' ? blocked : name}
      disabled={state === 'blocked'}
      onClick={() => (isOn ? notifications.turnOff() : void notifications.turnOn())}
    >
      <BellIcon off={!isOn} />
    </button>
  )
}
