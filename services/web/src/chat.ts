import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { Person, User } from '@parley/contracts/users.ts'
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals-core'
import { watchAttention, type Attention } from './attention.ts'
import { type Connection, openConnection } from './connection/connection.ts'
import { createOutbox, type Outbox, type QueuedMessage } from './conversation/outbox.ts'
import { createReadMarks, type ReadMarks } from './conversation/read-marks.ts'
import { createThreads, type Threads } from './conversation/threads.ts'
import { createTyping, type Typing } from './conversation/typing.ts'
import { type Conversations, createConversations } from './conversations/conversations.ts'
import { otherPerson } from './conversations/summaries.ts'
import { totalText } from './conversations/unread-total.ts'
import { createNotifications, type Notifications } from './notifications/notifications.ts'
import { createDirectory, type Directory } from './people/directory.ts'
import { distinctName, lookAlikesOf } from './people/look-alikes.ts'
import { shortName } from './people/person-name.ts'
import { createPresence, type Presence } from './people/presence.ts'
import { addressOf, goTo, openPersonId } from './route.ts'
import type { KeptStorage } from './storage/kept-storage.ts'
import { createShelf, type Shelf, type ShelfPlace } from './storage/shelf.ts'
import { openTabs } from './storage/tabs.ts'

/** Everything that belongs to the user who is logged in. */
export interface Chat {
  readonly client: ParleyClient
  readonly me: User
  readonly connection: Connection
  readonly conversations: Conversations
  readonly directory: Directory
  readonly presence: Presence
  readonly threads: Threads
  readonly outbox: Outbox
  /** What is written and not sent yet, by person. */
  readonly drafts: Shelf<string>
  readonly readMarks: ReadMarks
  readonly typing: Typing
  readonly notifications: Notifications
  readonly attention: Attention
  /** Whether the browser keeps what it is given. */
  readonly isKept: ReadonlySignal<boolean>
  /** What a screen reader is to say: the last message that came, once it is known from whom. */
  readonly spoken: ReadonlySignal<{ readonly id: string; readonly text: string } | undefined>
  /** As far as it is known here who that is. */
  person(userId: string): Person | undefined
  /** Everybody whose name is known here: the user, those they talk with, and those they looked at. */
  readonly known: ReadonlySignal<readonly Person[]>
  /** Those who could be taken for somebody else who is known here, and for whom: more has to be said than the name. */
  readonly lookAlikes: ReadonlySignal<ReadonlyMap<string, Person>>
  /** Undefined: not known, as while there is trouble with the connection. */
  isOnline(userId: string): boolean | undefined
  /** Forgets what the browser keeps of this user. */
  forget(): void
  close(): void
}

const appTitle = 'Parley'

export function createChat(
  client: ParleyClient,
  me: User,
  window: Window & typeof globalThis,
  storage: KeptStorage,
): Chat {
  const place: ShelfPlace = {
    localStorage: storage,
    addEventListener: (type, listener) => window.addEventListener(type, listener),
    removeEventListener: (type, listener) => window.removeEventListener(type, listener),
  }
  const tabs = openTabs(window.navigator)
  const unsentShelf = createShelf<QueuedMessage>(`parley.unsent.${me.id}`, place)
  const drafts = createShelf<string>(`parley.drafts.${me.id}`, place)
  const attention = watchAttention(window)
  const conversations = createConversations(client, me.id)
  const directory = createDirectory(client)
  const presence = createPresence(client)
  const typing = createTyping(client)
  const outbox = createOutbox({ client, shelf: unsentShelf, tabs, me: me.id })
  const heard = signal<TimelineEntry | undefined>(undefined)
  const person = (userId: string): Person | undefined =>
    conversations.person(userId) ?? directory.people.value.get(userId)

  const known = computed(() => [
    me,
    ...conversations.list.value.flatMap((one) => otherPerson(one, me.id) ?? []),
    ...directory.people.value.values(),
  ])
  const lookAlikes = computed(() => lookAlikesOf(known.value))

  async function whoIs(userId: string): Promise<Person | undefined> {
    if (person(userId) === undefined) await directory.find(userId)
    return person(userId)
  }

  client.on('entry', (entry) => {
    if (entry.senderId === me.id) return
    heard.value = entry
    void whoIs(entry.senderId)
  })
  const spokenName = (sender: Person): string =>
    lookAlikes.value.has(sender.id) ? distinctName(sender, lookAlikes.value) : shortName(sender)
  const spoken = computed(() => {
    const sender = heard.value && person(heard.value.senderId)
    return (
      heard.value && sender && { id: heard.value.id, text: `${spokenName(sender)}: ${heard.value.body.text}` }
    )
  })
  const stops = [
    effect(() => {
      const count = conversations.unread.value
      window.document.title = count === 0 ? appTitle : `(${totalText(count)}) ${appTitle}`
    }),
    effect(() => {
      const open = openPersonId.value
      const listed = [...conversations.byPerson.value.keys()]
      presence.watch(open === undefined ? listed : [open, ...listed.filter((id) => id !== open)])
    }),
  ]

  const threads = createThreads(client, (conversationId) => conversations.unreadAfter(conversationId))
  const readMarks = createReadMarks(client, conversations)
  const notifications = createNotifications({
    client,
    me: me.id,
    window,
    storage,
    isLooking: () => attention.isAnywhere(),
    whoIs,
    nameOf: (sender) => distinctName(sender, lookAlikes.value),
    readUntil: (conversationId) => conversations.readUntil(conversationId),
    onOpen: (personId) => goTo(addressOf(personId)),
  })
  // Last, so that everybody listens to what it brings.
  const connection = openConnection(client, window)
  stops.push(
    effect(() => {
      // Not for the moments that a change of networks takes; and what is told after them is new.
      const isTrouble = connection.banner.value !== undefined
      if (isTrouble && (client.state === 'connecting' || client.state === 'offline')) presence.forget()
    }),
  )

  return {
    client,
    me,
    connection,
    conversations,
    directory,
    presence,
    threads,
    outbox,
    drafts,
    readMarks,
    typing,
    notifications,
    attention,
    isKept: storage.isKept,
    spoken,
    person,
    known,
    lookAlikes,
    isOnline: (userId) => presence.online.value.get(userId),
    forget() {
      outbox.clear()
      drafts.clear()
    },
    close() {
      for (const stop of stops) stop()
      window.document.title = appTitle
      typing.close()
      notifications.close()
      conversations.close()
      tabs.close()
      attention.close()
      connection.close()
      unsentShelf.close()
      drafts.close()
      client.close()
    },
  }
}
