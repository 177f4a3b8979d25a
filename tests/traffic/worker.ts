import { setTimeout as sleep } from 'node:timers/promises'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SendDirectResponse } from '@parley/contracts/messages.ts'
import { createRandom, type PlannedSend } from './plan.ts'
import { type Acked, type FromWorker, hashOf, type SeenEntry, type ToWorker, toSeen } from './protocol.ts'

/** A process with some of the users: each has a client, sends what is planned, and goes offline now and then. */

interface Participant {
  readonly index: number
  readonly client: ParleyClient
  readonly shown: SeenEntry[]
  token(): string
}

const password = 'traffic-password'
/** Longer than an outage and the gaps that a client leaves between its tries: later nothing comes any more. */
const patienceMs = 150_000
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
  const client = createParleyClient({ url, from: 'beginning' })
  const shown: SeenEntry[] = []
  let token = ''
  client.on('session', (session) => {
    token = session?.token ?? ''
  })
  client.on('entry', (entry) => shown.push(toSeen(entry)))
  await client.register({ firstName: `Person ${index}`, lastName: 'Traffic', email, password })
  await client.logIn({ email, password })
  await client.connect()
  return { index, client, shown, token: () => token }
}

/** The same message once more, past the SDK, as a client with bugs would. An unknown outcome tells nothing. */
async function sendAgain(
  from: Participant,
  receiver: string,
  { clientId, text }: PlannedSend,
): Promise<void> {
  duplicates += 1
  try {
    const response = await fetch(`${url}/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${from.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sender: from.client.user?.id, receiver, messageDetails: { text }, clientId }),
    })
    if (!response.ok) return
    const { message } = (await response.json()) as SendDirectResponse
    const { id, conversationId, seq, senderId } = message
    acked.push({ id, conversationId, seq, senderId, clientId, textHash: hashOf(message.text) })
  } catch {
    // The server is away right now; the SDK's own attempt goes on.
  }
}

/** Everything that one person says to another, in order. */
async function converse(
  from: Participant,
  receiver: string,
  sends: readonly PlannedSend[],
  paceMs: number,
): Promise<void> {
  for (const send of sends) {
    if (paceMs > 0) await sleep(paceMs)
    const { text, clientId, duplicate } = send
    const again = duplicate === 'at-once' ? sendAgain(from, receiver, send) : undefined
    try {
      acked.push(toSeen(await from.client.send({ to: receiver, text, clientId }, impatient())))
    } catch (error) {
      faults.push(`${clientId} was not accepted: ${String(error)}`)
    }
    await again
    if (duplicate === 'afterwards') await sendAgain(from, receiver, send)
  }
}

/** Goes offline and comes back, at random moments, until told to stop. */
async function flicker({ client, index }: Participant, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await sleep(100 + below(1_500))
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
  paceMs: number,
): Promise<void> {
  const streams = Map.groupBy(sends, ({ sender, receiver }) => `${sender}-${receiver}`)
  const byIndex = new Map(participants.map((participant) => [participant.index, participant]))
  const progress = setInterval(() => tell({ did: 'progress', acked: acked.length }), 250)
  const stop = new AbortController()

  const flickering = participants.map((participant) => flicker(participant, stop.signal))
  await Promise.all(
    [...streams.values()].map((stream) => {
      const { sender, receiver } = stream[0]!
      return converse(byIndex.get(sender)!, userIds[receiver]!, stream, paceMs)
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
  const behind: string[] = []
  let cursor: string | null | undefined
  do {
    const page = await client.conversations.list(cursor ? { cursor } : {})
    for (const { id, head } of page.conversations) if (client.position(id) < head) behind.push(id)
    cursor = page.nextCursor
  } while (cursor !== null)
  return behind
}

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
      await sendAll(message.userIds, message.sends, message.paceMs)
      return tell({ did: 'send', acked, duplicates, disconnects, faults })
    case 'settle': {
      const deadline = performance.now() + message.timeoutMs
      await Promise.all(participants.map((participant) => settle(participant, deadline)))
      tell({
        did: 'settle',
        views: participants.map(({ client, shown }) => ({ userId: client.user!.id, entries: shown })),
        faults,
      })
      for (const { client } of participants) client.close()
    }
  }
}

process.on('message', (message) => void handle(message as ToWorker))
