import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import type { Person } from '@parley/contracts/users.ts'
import { computed, type ReadonlySignal, signal } from '@preact/signals-core'
import {
  byActivity,
  countUnread,
  newerOf,
  otherId,
  otherPerson,
  readUntil,
  withEntry,
  withReceipt,
} from './summaries.ts'

/** The user's conversations: the most recent pages of them, kept up to date. */
export interface Conversations {
  /** The most recently active first. */
  readonly list: ReadonlySignal<readonly ConversationSummary[]>
  readonly byPerson: ReadonlySignal<ReadonlyMap<string, ConversationSummary>>
  readonly unread: ReadonlySignal<number>
  /** `loading` until the first page is here, or could not be had. */
  readonly state: ReadonlySignal<'loading' | 'ready' | 'failed'>
  readonly hasMore: ReadonlySignal<boolean>
  /** Loads the next page, or the first one if there is none yet. Does nothing while a page is on its way. */
  loadMore(): Promise<void>
  /** Notes at once that the user read up to a seq. */
  noteRead(conversationId: string, seq: number): void
  person(userId: string): Person | undefined
}

export function createConversations(client: ParleyClient, me: string): Conversations {
  const all = signal<ReadonlyMap<string, ConversationSummary>>(new Map())
  const state = signal<'loading' | 'ready' | 'failed'>('loading')
  /** Undefined: no page is here; null: no further one. */
  const nextCursor = signal<string | null | undefined>(undefined)
  /** Those that are asked for, and whether something happened meanwhile that the answer may not have. */
  const asking = new Map<string, boolean>()
  let loading = false

  const list = computed(() => byActivity(all.value.values()))
  const byPerson = computed(() => new Map(list.value.map((one) => [otherId(one, me), one])))

  function put(...changed: readonly ConversationSummary[]): void {
    const next = new Map(all.value)
    for (const one of changed) next.set(one.id, one)
    all.value = next
  }

  const take = (...answers: readonly ConversationSummary[]): void =>
    put(...answers.map((answer) => newerOf(all.value.get(answer.id), answer, me)))

  /** Asks for one conversation; what fails is made good by the next catching up. */
  async function ask(id: string): Promise<void> {
    if (asking.has(id)) {
      asking.set(id, true)
      return
    }
    asking.set(id, false)
    try {
      take(await client.conversations.open(id))
    } catch {
      // Live or not, the list is asked for again after each connection.
    } finally {
      const isBehind = asking.get(id)
      asking.delete(id)
      if (isBehind === true) void ask(id)
    }
  }

  async function loadMore(): Promise<void> {
    const cursor = nextCursor.value
    if (loading || cursor === null) return
    loading = true
    try {
      const page = await client.conversations.list({ cursor, limit: 50 })
      take(...page.conversations)
      nextCursor.value = page.nextCursor
      state.value = 'ready'
    } catch {
      if (state.value === 'loading') state.value = 'failed'
    } finally {
      loading = false
    }
  }

  /** Receipts are hints, and entries before the first connection are not told: look again. */
  async function refresh(): Promise<void> {
    if (nextCursor.value === undefined) return loadMore()
    try {
      const page = await client.conversations.list({ limit: 50 })
      take(...page.conversations)
    } catch {
      // The next connection tries again.
    }
  }

  client.on('resync', ({ cause }) => {
    if (cause === 'connect' || cause === 'reconnect') void refresh()
  })
  client.on('entry', (entry) => {
    const known = all.value.get(entry.conversationId)
    if (known === undefined || entry.seq > known.head + 1) void ask(entry.conversationId)
    if (known !== undefined) put(withEntry(known, entry, me))
  })
  client.on('receipt', (receipt) => {
    const known = all.value.get(receipt.conversationId)
    if (known === undefined) {
      if (asking.has(receipt.conversationId)) void ask(receipt.conversationId)
      return
    }
    const moved = withReceipt(known, receipt, me)
    if (moved === undefined) void ask(receipt.conversationId)
    else if (moved !== known) put(moved)
  })
  void loadMore()

  return {
    list,
    byPerson,
    unread: computed(() => countUnread(all.value.values())),
    state,
    hasMore: computed(() => typeof nextCursor.value === 'string'),
    loadMore,
    noteRead(conversationId, seq) {
      const known = all.value.get(conversationId)
      if (known === undefined || readUntil(known, me) >= seq) return
      const receipt = { userId: me, delivered: seq, read: seq }
      put(withReceipt(known, receipt, me) ?? known)
    },
    person(userId) {
      const conversation = byPerson.value.get(userId)
      return conversation === undefined ? undefined : otherPerson(conversation, me)
    },
  }
}
