import { setTimeout as sleep } from 'node:timers/promises'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ClientState } from '@parley/client/events/client-events.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { hearEntries } from './hear-entries.ts'
import {
  type ConfirmedRead,
  type DroppedView,
  type Life,
  type SeenEntry,
  toSeen,
  type View,
} from './protocol.ts'

/** Somebody with an app: it shows what comes, and does what an app has to when its client says so. */
export interface Participant {
  readonly index: number
  readonly client: ParleyClient
  /** What it shows now. */
  readonly view: () => View
  readonly life: () => Omit<Life, 'userId' | 'listed'>
  readonly token: () => string
  /** Resolves once it is logged in again, when its session was ended; or when it cannot be. */
  readonly loggedIn: () => Promise<void>
}

const password = 'traffic-password'
/** One of so many messages is marked as read as soon as it is shown. */
const readEvery = 4
const betweenLoginsMs = 250

/**
 * @param below a random integer from 0 to its argument, exclusive
 * @param sessionsMayEnd whether the end of a session is no fault
 * @param patienceMs how long it tries to log in again
 */
export async function join({
  url,
  index,
  email,
  below,
  sessionsMayEnd,
  patienceMs,
  onFault,
}: {
  url: string
  index: number
  email: string
  below: (limit: number) => number
  sessionsMayEnd: () => boolean
  patienceMs: number
  onFault: (fault: string) => void
}): Promise<Participant> {
  let heardAt: Record<string, number> = {}
  const isShown = new Set<string>()
  let repeated = 0
  const parser = hearEntries(({ id, senderId }) => {
    // What somebody says is shown to him when it is accepted; that it comes over the socket, too, is as it should be.
    const isOwn = senderId === userId
    if (heardAt[id] !== undefined || (isShown.has(id) && !isOwn)) repeated += 1
    heardAt[id] ??= Date.now()
  })
  const client = createParleyClient({ url, from: 'beginning', socketOptions: { parser } })
  const dropped: DroppedView[] = []
  let shown: SeenEntry[] = []
  let shownAt: number[] = []
  const states: { state: ClientState; at: number }[] = []
  const read: ConfirmedRead[] = []
  let token = ''
  let userId = ''
  let sessionsEnded = 0
  let loggedIn = Promise.resolve()

  client.on('session', (session) => {
    token = session?.token ?? ''
  })
  client.on('session-ended', ({ reason }) => {
    if (!sessionsMayEnd()) return onFault(`person ${index} was logged out: ${reason}`)
    sessionsEnded += 1
    // The client says `offline`, but it is not so by its wish.
    states.push({ state: 'connecting', at: Date.now() })
    // The socket is closed; whatever comes over the next one may be other data.
    heardAt = {}
    loggedIn = logInAgain()
  })
  client.on('restart', () => {
    dropped.push({ userId, entries: shown, shownAt })
    shown = []
    shownAt = []
    isShown.clear()
  })
  client.on('state', (state) => states.push({ state, at: Date.now() }))
  client.on('entry', (entry) => {
    shown.push(toSeen(entry))
    shownAt.push(Date.now())
    isShown.add(entry.id)
    if (entry.senderId !== userId && below(readEvery) === 0) void markRead(entry)
  })

  async function markRead({ conversationId, seq }: TimelineEntry): Promise<void> {
    const sentAt = Date.now()
    try {
      const watermark = await client.receipts.advance(conversationId, { read: seq })
      read.push({ conversationId, seq: watermark.read, sentAt, at: Date.now() })
    } catch {
      // It tries once; a later one stands for all before it.
    }
  }

  async function logInAgain(): Promise<void> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      try {
        await client.logIn({ email, password })
        break
      } catch (error) {
        if (performance.now() > deadline)
          return onFault(`person ${index} cannot log in again: ${String(error)}`)
        await sleep(betweenLoginsMs)
      }
    }
    // Who goes offline meanwhile comes back by himself.
    client.connect().catch(() => undefined)
  }

  await client.register({ firstName: `Person ${index}`, lastName: 'Traffic', email, password })
  userId = (await client.logIn({ email, password })).id
  await client.connect()
  return {
    index,
    client,
    view: () => ({ userId, entries: shown }),
    life: () => ({ shownAt, heardAt, repeated, states, read, dropped, sessionsEnded }),
    token: () => token,
    loggedIn: () => loggedIn,
  }
}
