import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Person } from '@parley/contracts/users.ts'
import { effect, type ReadonlySignal, signal } from '@preact/signals-core'
import type { KeyStorage } from '../storage/kept-storage.ts'
import { claim } from './claim.ts'

/** Messages that the browser shows while the user looks elsewhere, if they asked for it. */
export interface Notifications {
  /** `blocked`: the user told the browser never to ask; `unavailable`: this browser has none. */
  readonly state: ReadonlySignal<'on' | 'off' | 'blocked' | 'unavailable'>
  /** Asks the user if need be, so it is to be called from a click. */
  turnOn(): Promise<void>
  turnOff(): void
  /** Closes what is shown. */
  close(): void
}

const wishKey = 'parley.notifications'

/**
 * @param isLooking whether the user looks at the app, in whichever tab
 * @param nameOf a name that tells somebody from everybody else whom the user knows
 * @param readUntil how far the user has read a conversation, here or elsewhere; signals tell when that changes
 */
export function createNotifications({
  client,
  me,
  window,
  storage,
  isLooking,
  whoIs,
  nameOf,
  readUntil,
  onOpen,
}: {
  client: ParleyClient
  me: string
  window: Window & typeof globalThis
  storage: KeyStorage
  isLooking: () => Promise<boolean>
  whoIs: (userId: string) => Promise<Person | undefined>
  nameOf: (person: Person) => string
  readUntil: (conversationId: string) => number
  onOpen: (personId: string) => void
}): Notifications {
  /** The last one of each conversation. */
  const shown = signal<ReadonlyMap<string, { seq: number; notification: Notification }>>(new Map())
  /** One after the other, so that the last message is the one that stays. */
  let last = Promise.resolve()

  function look(): 'on' | 'off' | 'blocked' | 'unavailable' {
    if (!('Notification' in window) || !window.isSecureContext) return 'unavailable'
    if (window.Notification.permission === 'denied') return 'blocked'
    const isWished = storage.getItem(wishKey) === 'on'
    return isWished && window.Notification.permission === 'granted' ? 'on' : 'off'
  }
  const state = signal(look())
  /** Turned on or off in another tab: it is one wish for all, and any of them may be the one that shows. */
  const onStorage = ({ key }: StorageEvent): void => {
    if (key === wishKey || key === null) state.value = look()
  }
  window.addEventListener('storage', onStorage)

  function show({ senderId, body, conversationId, seq }: TimelineEntry, sender: Person | undefined): void {
    const options = {
      body: body.text.length > 160 ? `${body.text.slice(0, 160)}…` : body.text,
      // With the same tag, several messages of a conversation make one notification; each is told anew.
      tag: conversationId,
      renotify: true,
      icon: '/icon.svg',
    }
    try {
      const title = sender === undefined ? 'New message' : nameOf(sender)
      const notification = new window.Notification(title, options)
      notification.addEventListener('click', () => {
        window.focus()
        notification.close()
        onOpen(senderId)
      })
      shown.value = new Map(shown.value).set(conversationId, { seq, notification })
    } catch {
      // Chrome on Android allows it to service workers only.
      state.value = 'unavailable'
    }
  }

  async function showUnlessSeen(entry: TimelineEntry): Promise<void> {
    if ((await isLooking()) || !(await claim(window.navigator, entry.id))) return
    const sender = await whoIs(entry.senderId)
    if (readUntil(entry.conversationId) < entry.seq) show(entry, sender)
  }

  client.on('entry', (entry) => {
    if (state.value !== 'on' || entry.senderId === me) return
    last = last.then(() => showUnlessSeen(entry)).catch(() => undefined)
  })
  const stop = effect(() => {
    const left = new Map(shown.value)
    for (const [conversationId, { seq, notification }] of shown.value) {
      if (readUntil(conversationId) < seq) continue
      notification.close()
      left.delete(conversationId)
    }
    if (left.size < shown.value.size) shown.value = left
  })

  return {
    state,
    async turnOn() {
      storage.setItem(wishKey, 'on')
      if (window.Notification.permission === 'default') await window.Notification.requestPermission()
      state.value = look()
    },
    turnOff() {
      storage.removeItem(wishKey)
      state.value = look()
    },
    close() {
      stop()
      window.removeEventListener('storage', onStorage)
      for (const { notification } of shown.value.values()) notification.close()
    },
  }
}
