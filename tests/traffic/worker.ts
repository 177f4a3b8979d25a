import { setTimeout as sleep } from 'node:timers/promises'
import { ParleyClientError } from '@parley/client/client-error.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SendDirectResponse } from '@parley/contracts/messages.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { join, type Participant } from './participant.ts'
import { createRandom, type PlannedSend } from './plan.ts'
import {
  type Acked,
  type FromWorker,
  hashOf,
  type Life,
  type Manners,
  type ToWorker,
  toSeen,
} from './protocol.ts'

/** A process with some of the users: each has a client, sends what is planned, and goes offline now and then. */

/** Longer than an outage and the gaps that a client leaves between its tries: later nothing comes any more. */
const patienceMs = 150_000
const participants: Participant[] = []
const acked: Acked[] = []
const faults: string[] = []
let url = ''
let below = createRandom(0)
let duplicates = 0
let disconnects = 0
let sessionsMayEnd = false

const impatient = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(patienceMs) })

const tell = (message: FromWorker): void => void process.send?.(message)

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

/** What was not accepted when the session ended is sent by the next one, with the same clientId. */
async function sendUntilLoggedIn(
  { client, loggedIn }: Participant,
  message: { to: string; text: string; clientId: string },
): Promise<TimelineEntry> {
  for (;;) {
    try {
      return await client.send(message, impatient())
    } catch (error) {
      await loggedIn()
      const isOver = error instanceof ParleyClientError && error.code === 'not-logged-in'
      if (!isOver || client.user === undefined) throw error
    }
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
      const entry = await sendUntilLoggedIn(from, { to: receiver, text, clientId })
      acked.push({ ...toSeen(entry), sentAt, ackedAt: Date.now() })
    } catch (error) {
      faults.push(`${clientId} was not accepted: ${String(error)}`)
    }
    await again
    if (duplicate === 'afterwards') await sendAgain(from, receiver, send)
  }
}

/** Goes offline and comes back, at random moments, until told to stop. */
async function flicker(participant: Participant, onlineMs: number, stop: AbortSignal): Promise<void> {
  const { client, index } = participant
  while (!stop.aborted) {
    await sleep(100 + below(onlineMs), undefined, { signal: stop }).catch(() => undefined)
    if (stop.aborted) return
    client.disconnect()
    disconnects += 1
    await sleep(below(400))
    await Promise.race([comeBack(participant), sleep(patienceMs)])
    if (client.state !== 'live') return void faults.push(`person ${index} cannot catch up: ${client.state}`)
  }
}

/** Resolves once it is live, also when its session ends on the way and it logs in again. */
async function comeBack({ client, loggedIn }: Participant): Promise<void> {
  for (;;) {
    await loggedIn()
    if (client.user === undefined) return
    try {
      return await client.connect()
    } catch {
      // The session has ended, or the one who logged in again was disconnected.
    }
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
      for (const user of message.users) {
        const options = { url, below, sessionsMayEnd: () => sessionsMayEnd, patienceMs, ...user }
        participants.push(await join({ ...options, onFault: (fault) => void faults.push(fault) }))
      }
      return tell({
        did: 'register',
        userIds: participants.map(({ index, client }) => [index, client.user!.id] as const),
      })
    }
    case 'send':
      sessionsMayEnd = message.manners.sessionsMayEnd ?? false
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
        views: participants.map(({ view }) => view()),
        lives: await Promise.all(
          participants.map(async ({ client, view, life }) => ({
            userId: view().userId,
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
