import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { BellIcon, LogOutIcon, MoreIcon } from '../icons.tsx'
import { Avatar } from '../people/avatar.tsx'
import { fullName } from '../people/person-name.ts'

/**
 * One's own name at the foot of the list, and a menu on it. Keys as WAI-ARIA describes them for a menu button: the
 * arrows move and wrap, Home and End go to its ends, Escape and Tab close it.
 */
export function AccountMenu({ chat, onLogOut }: { chat: Chat; onLogOut: () => void }) {
  const [isOpen, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const items = (): HTMLElement[] => [
    ...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? []),
  ]
  const first = useRef<0 | -1>(0)

  function close(): void {
    setOpen(false)
    button.current?.focus()
  }

  useLayoutEffect(() => {
    if (!isOpen) return undefined
    items().at(first.current)?.focus()
    const onPointerDown = ({ target }: Event): void => {
      if (target instanceof Node && box.current?.contains(target) !== true) setOpen(false)
    }
    document.addEventListener('pointerdown', onPointerDown)
    return () => document.removeEventListener('pointerdown', onPointerDown)
  }, [isOpen])

  function onKeyDown(event: KeyboardEvent): void {
    const { key } = event
    if (!isOpen) {
      if (key !== 'ArrowDown' && key !== 'ArrowUp') return
      event.preventDefault()
      first.current = key === 'ArrowUp' ? -1 : 0
      return setOpen(true)
    }
    if (key === 'Tab') return setOpen(false)
    const all = items()
    const at = all.findIndex((item) => item === document.activeElement)
    if (key === 'Escape') close()
    else if (key === 'ArrowDown') all[(at + 1) % all.length]?.focus()
    else if (key === 'ArrowUp') all.at((at - 1) % all.length)?.focus()
    else if (key === 'Home') all[0]?.focus()
    else if (key === 'End') all.at(-1)?.focus()
    else return
    event.preventDefault()
  }

  return (
    <footer class="account" ref={box} onKeyDown={onKeyDown}>
      {isOpen && (
        <div class="account-menu" id="account-menu" role="menu" aria-label="Account">
          <NotificationItem chat={chat} onDone={close} />
          <button
            role="menuitem"
            tabIndex={-1}
            type="button"
            onClick={() => {
              close()
              onLogOut()
            }}
          >
            <LogOutIcon /> Log out
          </button>
        </div>
      )}
      <button
        ref={button}
        class="account-button"
        type="button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? 'account-menu' : undefined}
        onClick={() => {
          first.current = 0
          setOpen(!isOpen)
        }}
      >
        <Avatar person={chat.me} />
        <span class="account-who">
          <bdi class="account-name cut">{fullName(chat.me)}</bdi>
          <bdi class="account-email cut">{chat.me.email}</bdi>
        </span>
        <MoreIcon />
      </button>
    </footer>
  )
}

function NotificationItem({ chat: { notifications }, onDone }: { chat: Chat; onDone: () => void }) {
  const state = notifications.state.value
  if (state === 'unavailable') return null
  const isOn = state === 'on'
  const isBlocked = state === 'blocked'
  return (
    <button
      role="menuitem"
      tabIndex={-1}
      type="button"
      aria-disabled={isBlocked}
      onClick={() => {
        if (isBlocked) return
        if (isOn) notifications.turnOff()
        else void notifications.turnOn()
        onDone()
      }}
    >
      <BellIcon off={isOn || isBlocked} />
      {isBlocked ? (
        <span>
          Notifications are blocked
          <span class="account-hint">The browser’s settings for this page can allow them.</span>
        </span>
      ) : isOn ? (
        'Turn off notifications'
      ) : (
        'Turn on notifications'
      )}
    </button>
  )
}
