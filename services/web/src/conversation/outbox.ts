import type { ParleyClient } from '@parley/client/parley-client.ts'
import { ParleyClientError } from '@parley/client/client-error.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'
import { problemText, waitingText } from '../problem-text.ts'
import type { Shelf } from '../storage/shelf.ts'
import type { Tabs } from '../storage/tabs.ts'

/** A message of the user's own that is not in the conversation yet, as plain JSON. */
export interface QueuedMessage {
  readonly clientId: string
  /** To whom. Every message goes to a person, so that those to one person keep their order. */
  readonly to: string
  readonly text: string
  /** When it was written, in milliseconds since the epoch. */
  readonly since: number
  /** `accepted`: its entry is yet to come. */
  readonly state: 'sending' | 'waiting' | 'failed' | 'accepted'
  /** Why it failed, or waits, in words. */
  readonly problem?: string | undefined
  /** The tab that sends it. */
  readonly tab?: string
}

/**
 * The messages on their way. They are stored until the server has accepted them or the user discards them, so
 * that they survive a reload, and the end of a session; what a tab leaves behind is sent by another one that is
 * open. Sent again with the same `clientId`, each is stored once on the server, whichever tab sends it.
 */
export interface Outbox {
  /** In the order of writing. */
  readonly messages: ReadonlySignal<readonly QueuedMessage[]>
  send(to: string, text: string): void
  /** Tries again what was refused. */
  retry(clientId: string): void
  discard(clientId: string): void
  /** Forgets everything, for a user who logs out. */
  clear(): void
}

/** Why `send` may end that says nothing about the message: it stays for the next run. */
const notItsFault = new Set(['closed', 'not-logged-in', 'disconnected'])

export function createOutbox({
  client,
  shelf,
  tabs,
  me,
  now = Date.now,
}: {
  client: ParleyClient
  shelf: Shelf<QueuedMessage>
  tabs: Pick<Tabs, 'id' | 'whenGone'>
  me: string
  now?: () => number
}): Outbox {
  const stored = shelf.all().toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
  const messages = signal<readonly QueuedMessage[]>(
    stored.map((message) => (message.state === 'failed' ? message : { ...message, state: 'sending' })),
  )
  const sending = new Map<string, AbortController>()
  const awaited = new Set<string>()
  let count = 0

  const find = (clientId: string): QueuedMessage | undefined =>
    messages.value.find((message) => message.clientId === clientId)

  function remove(clientId: string): void {
    sending.get(clientId)?.abort()
    sending.delete(clientId)
    if (find(clientId) === undefined) return
    messages.value = messages.value.filter((message) => message.clientId !== clientId)
  }

  function change(clientId: string, change: Partial<QueuedMessage>): void {
    messages.value = messages.value.map((message) =>
      message.clientId === clientId ? { ...message, ...change } : message,
    )
  }

  /** By their time, so that they are sent in order again after a reload. */
  function newClientId(): string {
    count = (count + 1) % 1_296
    const random = crypto.getRandomValues(new Uint32Array(2))
    const tail = [...random].map((part) => part.toString(36)).join('')
    return `${now().toString(36).padStart(9, '0')}-${count.toString(36).padStart(2, '0')}-${tail}`
  }

  function add(message: QueuedMessage): void {
    const own = { ...message, tab: tabs.id }
    shelf.put(message.clientId, own)
    messages.value = [...messages.value, own]
    if (own.state !== 'failed') void deliver(own)
  }

  /** Takes what another tab stored once that tab is gone, unless a third one takes it first. */
  async function takeLeft(clientId: string): Promise<void> {
    if (awaited.has(clientId)) return
    awaited.add(clientId)
    for (;;) {
      const owner = shelf.get(clientId)?.tab
      if (owner !== undefined) await tabs.whenGone(owner)
      const left = shelf.get(clientId)
      if (left === undefined || find(clientId) !== undefined) break
      if (left.tab !== owner) continue
      add(left.state === 'failed' ? left : { ...left, state: 'sending' })
      break
    }
    awaited.delete(clientId)
  }

  async function deliver({ clientId, to, text, since }: QueuedMessage): Promise<void> {
    const abort = new AbortController()
    sending.set(clientId, abort)
    try {
      await client.send({ clientId, to, text, since, attempts: 0 }, { signal: abort.signal })
      shelf.remove(clientId)
      if (find(clientId) !== undefined) change(clientId, { state: 'accepted' })
    } catch (error) {
      const failed = find(clientId)
      const isOver = error instanceof ParleyClientError && notItsFault.has(error.code)
      if (abort.signal.aborted || failed === undefined || isOver) return
      change(clientId, { state: 'failed', problem: problemText(error) })
      shelf.put(clientId, find(clientId) ?? failed)
    } finally {
      sending.delete(clientId)
    }
  }

  client.on('unsent', (unsent) => {
    const tried = new Map(unsent.map(({ clientId, lastError }) => [clientId, lastError]))
    /** To whom something waits: what comes after it waits, too. */
    const held = new Set<string>()
    for (const { clientId, to, state, problem } of messages.value) {
      if (state !== 'sending' && state !== 'waiting') continue
      const lastError = tried.get(clientId)
      if (lastError === undefined && !held.has(to)) continue
      held.add(to)
      const why = waitingText(lastError)
      if (state === 'sending' || problem !== why) change(clientId, { state: 'waiting', problem: why })
    }
  })
  client.on('entry', (entry: TimelineEntry) => {
    if (entry.senderId !== me) return
    // The answer to `send` may be yet to come, or never come: the entry is proof enough.
    if (find(entry.clientId) !== undefined) shelf.remove(entry.clientId)
    // Not aborted: it is just about to succeed.
    sending.delete(entry.clientId)
    remove(entry.clientId)
  })
  shelf.onChanged(({ key, value }) => {
    if (value !== undefined) void takeLeft(key)
    // Accepted or discarded in another tab.
    else if (find(key)?.state !== 'accepted') remove(key)
  })
  for (const message of messages.value) if (message.state !== 'failed') void deliver(message)

  return {
    messages,
    send: (to, text) => add({ clientId: newClientId(), to, text, since: now(), state: 'sending' }),
    retry(clientId) {
      const failed = find(clientId)
      if (failed?.state !== 'failed') return
      shelf.remove(clientId)
      remove(clientId)
      const { to, text } = failed
      // It was refused, so it is nowhere: as a new message it goes to the end.
      add({ clientId: newClientId(), to, text, since: now(), state: 'sending' })
    },
    discard(clientId) {
      shelf.remove(clientId)
      remove(clientId)
    },
    clear() {
      shelf.clear()
      for (const { clientId } of messages.value) remove(clientId)
    },
  }
}
