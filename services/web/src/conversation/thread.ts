import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { DirectHistoryResponse } from '@parley/contracts/messages.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'
import { askPatiently } from '../connection/ask-patiently.ts'
import {
  addNewer,
  addOlder,
  hasNewer,
  noMessages,
  startAt,
  startAtNewest,
  takeEntry,
  takeNewest,
  type ThreadMessages,
} from './thread-messages.ts'

/** What is known of what two people said to each other. */
export interface Thread {
  readonly messages: ReadonlySignal<ThreadMessages>
  /** `loading` until what one reads first is here, or could not be had. */
  readonly state: ReadonlySignal<'loading' | 'ready' | 'failed'>
  /** How the loading of older messages stands; after a failure only the user asks again. */
  readonly older: ReadonlySignal<Loading>
  /** The same for newer ones, where what is here does not reach the newest. */
  readonly newer: ReadonlySignal<Loading>
  /** Undefined until it is known, or while they have not spoken yet. */
  readonly conversationId: ReadonlySignal<string | undefined>
  /**
   * Looks what is the newest, no earlier than now. The first time it loads where one goes on reading: the newest
   * page, or, if the first unread message is not on it, what lies around that one.
   */
  refresh(): Promise<void>
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** Goes to the newest page, in place of what is here if there is more between. Resolves to whether it is here. */
  loadNewest(): Promise<boolean>
  /** Takes the next entry of this conversation. */
  take(entry: TimelineEntry): void
}

type Loading = 'idle' | 'loading' | 'failed'

/** After which seq a conversation is unread; undefined when nothing of it is. */
export type UnreadAfter = (conversationId: string) => Promise<number | undefined>

const firstPage = 50
const nextPage = 100

/** The thread with a person. Loads nothing before `refresh`. */
export function createThread(client: ParleyClient, personId: string, unreadAfter: UnreadAfter): Thread {
  const { conversations } = client
  const messages = signal<ThreadMessages>(noMessages)
  const state = signal<'loading' | 'ready' | 'failed'>('loading')
  const older = signal<Loading>('idle')
  const newer = signal<Loading>('idle')
  const conversationId = signal<string | undefined>(undefined)
  let refreshing: Promise<void> | undefined
  /** Whether the page that is on its way may lack what a call is about, so that it takes another look. */
  let isBehind = false

  async function loadNewestPage() {
    const page = await askPatiently(() => conversations.openDirect(personId, { limit: firstPage }))
    conversationId.value = page.conversation?.id
    return page
  }

  async function startWhereUnread(newest: DirectHistoryResponse): Promise<ThreadMessages> {
    const begun = startAtNewest(newest)
    const id = newest.conversation?.id
    if (id === undefined || begun.nextBefore === null) return begun
    const after = await unreadAfter(id)
    if (after === undefined || after + 1 >= begun.nextBefore) return begun
    const [before, page] = await Promise.all([
      askPatiently(() => conversations.history(id, { before: after + 1, limit: firstPage })),
      askPatiently(() => conversations.timeline(id, { after, limit: firstPage })),
    ])
    return addNewer(startAt(after, before, begun.head), after, page)
  }

  async function load(): Promise<void> {
    try {
      do {
        isBehind = false
        const page = await loadNewestPage()
        messages.value =
          messages.value.head > 0 ? takeNewest(messages.value, page) : await startWhereUnread(page)
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
    newer,
    conversationId,
    refresh,
    async loadOlder() {
      const id = conversationId.value
      const before = messages.value.nextBefore
      if (id === undefined || before === null || older.value === 'loading') return
      older.value = 'loading'
      try {
        const page = await askPatiently(() => conversations.history(id, { before, limit: nextPage }))
        // What has come meanwhile stays; and in place of what was here there may be something else.
        if (messages.value.nextBefore === before) messages.value = addOlder(messages.value, page)
        older.value = 'idle'
      } catch {
        older.value = 'failed'
      }
    },
    async loadNewer() {
      const id = conversationId.value
      const after = messages.value.upTo
      if (id === undefined || !hasNewer(messages.value) || newer.value === 'loading') return
      newer.value = 'loading'
      try {
        const page = await askPatiently(() => conversations.timeline(id, { after, limit: nextPage }))
        messages.value = addNewer(messages.value, after, page)
        newer.value = 'idle'
      } catch {
        newer.value = 'failed'
      }
    },
    async loadNewest() {
      if (!hasNewer(messages.value)) return true
      try {
        const page = await loadNewestPage()
        const next = takeNewest(messages.value, page)
        messages.value = hasNewer(next) ? startAtNewest(page) : next
        newer.value = 'idle'
      } catch {
        newer.value = 'failed'
      }
      return !hasNewer(messages.value)
    },
    take(entry) {
      conversationId.value ??= entry.conversationId
      const next = takeEntry(messages.value, entry)
      if (next !== undefined) messages.value = next
      else void refresh()
    },
  }
}
