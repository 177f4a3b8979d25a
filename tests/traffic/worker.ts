import { setTimeout as sleep } from 'node:timers/promises'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ClientState } from '@parley/client/events/client-events.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SendDirectResponse } from '@parley/contracts/messages.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { hearEntries } from './hear-entries.ts'
import { createRandom, type PlannedSend } from './plan.ts'
import {
  type Acked,
  type FromWorker,
  hashOf,
  type Life,
  type Manners,
  type SeenEntry,
  type ToWorker,
  toSeen,
} from './protocol.ts'

/** A process with some of the users: each has a client, sends what is planned, and goes offline now and then. */

interface Participant {
  readonly index: number
  readonly client: ParleyClient
  readonly shown: SeenEntry[]
  readonly life: () => Omit<Life, 'userId' | 'listed'>
  readonly token: () => string
}

const password = 'traffic-password'
/** Longer than an outage and the gaps that a client leaves between its tries: later nothing comes any more. */
const patienceMs = 150_000
/** One of so many messages is marked as read as soon as it is shown. */
const readEvery = 4
const participants: Participant[] = []
const acked: Acked[] = []
const faults: string[] = []
let url = ''
let below = createRandom(0)
let duplicates = 0
let disconnects = 0

const impatient = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(patienceMs) })

const tell = (message: FromWorker): void => void process.send?.(message)

async function join(index: number, email: string): Promise<Participant> {
  const heardAt: Record<string, number> = {}
  const isShown = new Set<string>()
  let repeated = 0
  const parser = hearEntries(({ id, senderId }) => {
    // What somebody says is shown to him when it is accepted; that it comes over the socket, too, is as it should be.
    const isOwn = senderId === client.user?.id
    if (heardAt[id] !== undefined || (isShown.has(id) && !isOwn)) repeated += 1
    heardAt[id] ??= Date.now()
  })
  const client = createParleyClient({ url, from: 'beginning', socketOptions: { parser } })
  const shown: SeenEntry[] = []
  const shownAt: number[] = []
  const states: { state: ClientState; at: number }[] = []
  const read: Record<string, number> = {}
  let token = ''
  client.on('session', (session) => {
    token = session?.token ?? ''
  })
  client.on('session-ended', ({ reason }) => faults.push(`person ${index} was logged out: ${reason}`))
  client.on('state', (state) => states.push({ state, at: Date.now() }))
  client.on('entry', (entry) => {
    shown.push(toSeen(entry))
    shownAt.push(Date.now())
    isShown.add(entry.id)
    if (entry.senderId !== client.user?.id && below(readEvery) === 0) void markRead(entry)
  })
  async function markRead({ conversationId, seq }: TimelineEntry): Promise<void> {
    try {
      const watermark = await client.receipts.advance(conversationId, { read: seq })
      read[conversationId] = Math.max(read[conversationId] ?? 0, watermark.read)
    } catch {
      // It tries once; a later one stands for all before it.
    }
  }
  await client.register({ firstName: `Person ${index}`, lastName: 'Traffic', email, password })
  await client.logIn({ email, password })
  await client.connect()
  const life = (): Omit<Life, 'userId' | 'listed'> => ({ shownAt, heardAt, repeated, states, read })
  return { index, client, shown, life, token: () => token }
}

/** The same message once more, past the SDK, as a client with bugs would. An unknown outcome tells nothing. */
async function sendAgain(
  from: Participant,
  receiver: string,
  { clientId, text }: PlannedSend,
): Promise<void> {
  duplicates += 1
  const sentAt = Date.now()
  try {
    const response = await fetch(`${url}/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${from.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sender: from.client.user?.id, receiver, messageDetails: { text }, clientId }),
    })
    if (!response.ok) return
    const { message } = (await response.json()) as SendDirectResponse
    const { id, conversationId, seq, senderId, at } = message
    const times = { sentAt, ackedAt: Date.now() }
    acked.push({ id, conversationId, seq, senderId, clientId, at, textHash: hashOf(message.text), ...times })
  } catch {
    // The server is away right now; the SDK's own attempt goes on.
  }
}

/** Everything that one person says to another, in order. */
async function converse(
  from: Participant,
  receiver: string,
  sends: readonly PlannedSend[],
  pauseMs: number,
): Promise<void> {
  for (const send of sends) {
    if (pauseMs > 0) await sleep(pauseMs)
    const { text, clientId, duplicate } = send
    const again = duplicate === 'at-once' ? sendAgain(from, receiver, send) : undefined
    const sentAt = Date.now()
    try {
      const entry = await from.client.send({ to: receiver, text, clientId }, impatient())
      acked.push({ ...toSeen(entry), sentAt, ackedAt: Date.now() })
    } catch (error) {
      faults.push(`${clientId} was not accepted: ${String(error)}`)
    }
    await again
    if (duplicate === 'afterwards') await sendAgain(from, receiver, send)
  }
}

/** Goes offline and comes back, at random moments, until told to stop. */
async function flicker({ client, index }: Participant, onlineMs: number, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await sleep(100 + below(onlineMs), undefined, { signal: stop }).catch(() => undefined)
    if (stop.aborted) return
    client.disconnect()
    disconnects += 1
    await sleep(below(400))
    await Promise.race([client.connect(), sleep(patienceMs)])
    if (client.state !== 'live') return void faults.push(`person ${index} cannot catch up: ${client.state}`)
  }
}

async function sendAll(
  userIds: readonly string[],
  sends: readonly PlannedSend[],
  { paceMs = 0, overMs, flickerMs, flickerEvery = 1 }: Manners,
): Promise<void> {
  const streams = Map.groupBy(sends, ({ sender, receiver }) => `${sender}-${receiver}`)
  const byIndex = new Map(participants.map((participant) => [participant.index, participant]))
  const progress = setInterval(() => tell({ did: 'progress', acked: acked.length }), 250)
  const stop = new AbortController()

  const flickering = participants
    .filter(({ index }) => flickerMs !== undefined && index % flickerEvery === 0)
    .map((participant) => flicker(participant, flickerMs!, stop.signal))
  await Promise.all(
    [...streams.values()].map((stream) => {
      const { sender, receiver } = stream[0]!
      const pauseMs = overMs === undefined ? paceMs : overMs / stream.length
      return converse(byIndex.get(sender)!, userIds[receiver]!, stream, pauseMs)
    }),
  )
  stop.abort()
  await Promise.all(flickering)
  clearInterval(progress)
}

/** Waits until a client has shown everything that the server lists for it. */
async function settle({ client, index }: Participant, deadline: number): Promise<void> {
  for (;;) {
    try {
      const behind = await conversationsBehind(client)
      if (behind.length === 0) return
      if (performance.now() > deadline)
        return void faults.push(`person ${index} is behind in ${behind.join()}`)
    } catch (error) {
      if (performance.now() > deadline) return void faults.push(`person ${index}: ${String(error)}`)
    }
    await sleep(100)
  }
}

async function conversationsBehind(client: ParleyClient): Promise<string[]> {
  const listed = Object.entries(await listAll(client))
  return listed.flatMap(([id, { head, position }]) => (position < head ? [id] : []))
}

async function listAll(client: ParleyClient): Promise<Life['listed']> {
  const listed: Record<string, { head: number; position: number }> = {}
  let cursor: string | null | undefined
  do {
    const page = await client.conversations.list(cursor ? { cursor } : {})
    for (const { id, head } of page.conversations) listed[id] = { head, position: client.position(id) }
    cursor = page.nextCursor
  } while (cursor !== null)
  return listed
}

/** A client whose list cannot be had has nothing to show for itself, which the comparison finds. */
const listAllOrNothing = (client: ParleyClient): Promise<Life['listed']> => listAll(client).catch(() => ({}))

async function handle(message: ToWorker): Promise<void> {
  switch (message.do) {
    case 'register': {
      url = message.url
      below = createRandom(message.seed)
      for (const { index, email } of message.users) participants.push(await join(index, email))
      return tell({
        did: 'register',
        userIds: participants.map(({ index, client }) => [index, client.user!.id] as const),
      })
    }
    case 'send':
      await sendAll(message.userIds, message.sends, message.manners)
      return tell({ did: 'send', acked, duplicates, disconnects, faults })
    case 'settle': {
      const deadline = performance.now() + message.timeoutMs
      await Promise.all(participants.map((participant) => settle(participant, deadline)))
      return tell({ did: 'settle' })
    }
    case 'tell':
      tell({
        did: 'tell',
        views: participants.map(({ client, shown }) => ({ userId: client.user!.id, entries: shown })),
        lives: await Promise.all(
          participants.map(async ({ client, life }) => ({
            userId: client.user!.id,
            ...life(),
            listed: await listAllOrNothing(client),
          })),
        ),
        faults,
      })
      for (const { client } of participants) client.close()
  }
}

process.on('message', (message) => void handle(message as ToWorker))
