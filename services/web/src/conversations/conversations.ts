import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { ConversationSummary, ListConversationsResponse } from '@parley/contracts/conversations.ts'
import type { Person } from '@parley/contracts/users.ts'
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals-core'
import { askPatiently } from '../connection/ask-patiently.ts'
import {
  byActivity,
  countUnread,
  newerOf,
  otherId,
  otherPerson,
  readUntil,
  withEntry,
  withRead,
  withReceipt,
} from './summaries.ts'
import { createUnreadTotal } from './unread-total.ts'

/** The user's conversations: the most recent pages of them, kept up to date. */
export interface Conversations {
  /** The most recently active first. */
  readonly list: ReadonlySignal<readonly ConversationSummary[]>
  readonly byPerson: ReadonlySignal<ReadonlyMap<string, ConversationSummary>>
  /** Of all conversations, as far as the server counts. */
  readonly unread: ReadonlySignal<number>
  /** `loading` until the first page is here, or could not be had. */
  readonly state: ReadonlySignal<'loading' | 'ready' | 'failed'>
  readonly hasMore: ReadonlySignal<boolean>
  /** Loads the next page, or the first one if there is none yet. Does nothing while a page is on its way. */
  loadMore(): Promise<void>
  /** Notes at once that the user read up to a seq, which is so many messages of others more than before. */
  noteRead(conversationId: string, seq: number, count: number): void
  /** Notes that the server knows of everything that was read here. */
  noteTold(): void
  /**
   * After which seq there is something unread; undefined: nowhere.
   * @throws ParleyClientError when only the server could tell
   */
  unreadAfter(conversationId: string): Promise<number | undefined>
  /** As far as it is known here. */
  readUntil(conversationId: string): number
  person(userId: string): Person | undefined
  close(): void
}

/** Of how many conversations at once new messages may be on their way here when the total is asked for. */
const mostAtOnce = 20

export function createConversations(client: ParleyClient, me: string): Conversations {
  const all = signal<ReadonlyMap<string, ConversationSummary>>(new Map())
  const state = signal<'loading' | 'ready' | 'failed'>('loading')
  /** Undefined: no page is here; null: no further one. */
  const nextCursor = signal<string | null | undefined>(undefined)
  /** Those that are asked for, and whether something happened meanwhile that the answer may not have. */
  const asking = new Map<string, boolean>()
  let loading = false
  const listPage: typeof client.conversations.list = (page) =>
    askPatiently(() => client.conversations.list(page))
  const total = createUnreadTotal(
    computed(() => countUnread(all.value.values())),
    async (isCurrent) => takeFirst(await listPage({ limit: mostAtOnce }), isCurrent),
  )

  const list = computed(() => byActivity(all.value.values()))
  const byPerson = computed(() => new Map(list.value.map((one) => [otherId(one, me), one])))

  function put(...changed: readonly ConversationSummary[]): void {
    const next = new Map(all.value)
    for (const one of changed) next.set(one.id, one)
    all.value = next
  }

  const take = (...answers: readonly ConversationSummary[]): void =>
    batch(() => {
      for (const answer of answers) if (!all.value.has(answer.id)) total.loaded(answer.unread)
      put(...answers.map((answer) => newerOf(all.value.get(answer.id), answer, me)))
    })

  /**
   * A page with the total. The two are of one moment, so the page is what is counted off: what is loaded may not
   * know yet of a message that the server counted.
   * @returns whether the total could be taken
   */
  function takeFirst(page: ListConversationsResponse, isCurrent: () => boolean): boolean {
    const mayTake = isCurrent()
    take(...page.conversations)
    if (mayTake) total.take(page.unreadTotal === undefined ? undefined : page.unreadTotal - countHere(page))
    return mayTake
  }

  /** What is unread in what is loaded, as far as possible by the numbers of the page. */
  function countHere({ conversations }: ListConversationsResponse): number {
    const onPage = new Map(conversations.map((one) => [one.id, one]))
    return countUnread([...all.value.values()].map((one) => onPage.get(one.id) ?? one))
  }

  /** Asks for one conversation; what fails is made good by the next catching up. */
  async function ask(id: string): Promise<void> {
    if (asking.has(id)) {
      asking.set(id, true)
      return
    }
    asking.set(id, false)
    try {
      take(await askPatiently(() => client.conversations.open(id)))
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
      const isCurrent = total.watch()
      const page = await listPage({ cursor, limit: 50 })
      if (cursor !== undefined) take(...page.conversations)
      else if (!takeFirst(page, isCurrent)) total.look()
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
      const isCurrent = total.watch()
      const page = await listPage({ limit: 50 })
      if (!takeFirst(page, isCurrent)) total.look()
      // Further down something may have been read elsewhere meanwhile.
      const isHere = new Set(page.conversations.map((one) => one.id))
      const further = [...all.value.values()].filter((one) => one.unread > 0 && !isHere.has(one.id))
      for (const one of further) await ask(one.id)
      if (further.length > 0) total.look()
    } catch {
      // The next connection tries again.
    }
  }

  client.on('resync', ({ cause }) => {
    if (cause === 'connect' || cause === 'reconnect' || cause === 'poll') void refresh()
  })
  client.on('entry', (entry) => {
    const known = all.value.get(entry.conversationId)
    if (known === undefined) {
      if (entry.senderId !== me) total.came()
      total.look()
    }
    if (known === undefined || entry.seq > known.head + 1) void ask(entry.conversationId)
    if (known !== undefined) put(withEntry(known, entry, me))
  })
  client.on('receipt', (receipt) => {
    const known = all.value.get(receipt.conversationId)
    if (known === undefined) {
      if (asking.has(receipt.conversationId)) void ask(receipt.conversationId)
      if (receipt.userId === me) total.look()
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
    unread: total.count,
    state,
    hasMore: computed(() => typeof nextCursor.value === 'string'),
    loadMore,
    noteRead(conversationId, seq, count) {
      const known = all.value.get(conversationId)
      if (known === undefined || readUntil(known, me) >= seq) return
      total.noted()
      put(withRead(known, me, seq, count))
    },
    noteTold: () => total.told(),
    async unreadAfter(conversationId) {
      if (!all.value.has(conversationId))
        take(await askPatiently(() => client.conversations.open(conversationId)))
      const known = all.value.get(conversationId)
      return known !== undefined && known.unread > 0 ? readUntil(known, me) : undefined
    },
    readUntil(conversationId) {
      const known = all.value.get(conversationId)
      return known === undefined ? 0 : readUntil(known, me)
    },
    person(userId) {
      const conversation = byPerson.value.get(userId)
      return conversation === undefined ? undefined : otherPerson(conversation, me)
    },
    close: () => total.close(),
  }
}
