import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Person } from '@parley/contracts/users.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'
import { fullName } from '../people/person-name.ts'

/** Messages that the browser shows while the user looks elsewhere, if they asked for it. */
export interface Notifications {
  /** `blocked`: the user told the browser never to ask; `unavailable`: this browser has none. */
  readonly state: ReadonlySignal<'on' | 'off' | 'blocked' | 'unavailable'>
  /** Asks the user if need be, so it is to be called from a click. */
  turnOn(): Promise<void>
  turnOff(): void
}

const wishKey = 'parley.notifications'

export function createNotifications({
  client,
  me,
  window,
  isLooking,
  person,
  onOpen,
}: {
  client: ParleyClient
  me: string
  window: Window & typeof globalThis
  isLooking: () => Promise<boolean>
  person: (userId: string) => Person | undefined
  onOpen: (personId: string) => void
}): Notifications {
  const { localStorage } = window

  function look(): 'on' | 'off' | 'blocked' | 'unavailable' {
    if (!('Notification' in window) || !window.isSecureContext) return 'unavailable'
    if (window.Notification.permission === 'denied') return 'blocked'
    const isWished = localStorage.getItem(wishKey) === 'on'
    return isWished && window.Notification.permission === 'granted' ? 'on' : 'off'
  }
  const state = signal(look())

  function show({ senderId, body, conversationId }: TimelineEntry): void {
    try {
      // With the same tag, several tabs and several messages make one notification.
      const shown = new window.Notification(fullName(person(senderId)), {
        body: body.text.length > 160 ? `${body.text.slice(0, 160)}…` : body.text,
        tag: conversationId,
        icon: '/icon.svg',
      })
      shown.addEventListener('click', () => {
        window.focus()
        shown.close()
        onOpen(senderId)
      })
    } catch {
      // Chrome on Android allows it to service workers only.
      state.value = 'unavailable'
    }
  }

  async function showUnlessSeen(entry: TimelineEntry): Promise<void> {
    if (!(await isLooking())) show(entry)
  }

  client.on('entry', (entry) => {
    if (state.value === 'on' && entry.senderId !== me) void showUnlessSeen(entry)
  })

  return {
    state,
    async turnOn() {
      localStorage.setItem(wishKey, 'on')
      if (window.Notification.permission === 'default') await window.Notification.requestPermission()
      state.value = look()
    },
    turnOff() {
      localStorage.removeItem(wishKey)
      state.value = look()
    },
  }
}
