import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'
import { addOlder, noMessages, takeEntry, takeNewest, type ThreadMessages } from './thread-messages.ts'

/** What is known of what two people said to each other. */
export interface Thread {
  readonly messages: ReadonlySignal<ThreadMessages>
  /** `loading` until the newest page is here for the first time, or could not be had. */
  readonly state: ReadonlySignal<'loading' | 'ready' | 'failed'>
  /** How the loading of older messages stands; after a failure only the user asks again. */
  readonly older: ReadonlySignal<'idle' | 'loading' | 'failed'>
  /** Undefined until it is known, or while they have not spoken yet. */
  readonly conversationId: ReadonlySignal<string | undefined>
  /** Loads the newest page, as it is no earlier than now, and fills what is missing between it and what is here. */
  refresh(): Promise<void>
  loadOlder(): Promise<void>
  /** Takes the next entry of this conversation. */
  take(entry: TimelineEntry): void
}

const newestPage = 50
const olderPage = 100

/** The thread with a person. Loads nothing before `refresh`. */
export function createThread(client: ParleyClient, personId: string): Thread {
  const messages = signal<ThreadMessages>(noMessages)
  const state = signal<'loading' | 'ready' | 'failed'>('loading')
  const older = signal<'idle' | 'loading' | 'failed'>('idle')
  const conversationId = signal<string | undefined>(undefined)
  let refreshing: Promise<void> | undefined
  /** Whether the page that is on its way may lack what a call is about, so that it takes another look. */
  let isBehind = false

  async function load(): Promise<void> {
    try {
      do {
        isBehind = false
        const page = await client.conversations.openDirect(personId, { limit: newestPage })
        conversationId.value = page.conversation?.id
        messages.value = takeNewest(messages.value, page)
        state.value = 'ready'
      } while (isBehind)
    } finally {
      refreshing = undefined
    }
  }

  async function refresh(): Promise<void> {
    if (state.value === 'failed') state.value = 'loading'
    isBehind = true
    refreshing ??= load()
    try {
      await refreshing
    } catch {
      if (state.value === 'loading') state.value = 'failed'
    }
  }

  return {
    messages,
    state,
    older,
    conversationId,
    refresh,
    async loadOlder() {
      const id = conversationId.value
      const before = messages.value.nextBefore
      if (id === undefined || before === null || older.value === 'loading') return
      older.value = 'loading'
      try {
        messages.value = addOlder(
          messages.value,
          await client.conversations.history(id, { before, limit: olderPage }),
        )
        older.value = 'idle'
      } catch {
        older.value = 'failed'
      }
    },
    take(entry) {
      conversationId.value ??= entry.conversationId
      const next = takeEntry(messages.value, entry)
      if (next !== undefined) messages.value = next
      else void refresh()
    },
  }
}
