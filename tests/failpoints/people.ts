import { randomUUID } from 'node:crypto'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClientOptions } from '@parley/client/options.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { eventually } from '@parley/testing/eventually.ts'

const devices = 6
const messagesEach = 2
/** The greeting, and what is sent at once. */
export const messagesInAll = 1 + devices * messagesEach

/** A restart, and the search for what a killed process left behind, may take a while. */
export const patienceMs = 30_000

/** Alice, on several devices, since one device sends one message after the other; and Bob, who listens. */
export interface People {
  /** The first message, alone: accepted, and heard by Bob. */
  greet(): Promise<TimelineEntry>
  /**
   * Two messages from each device, at once. They are tried until they are accepted.
   * @param clientIds for the first ones, which may have been sent already
   */
  sendManyAtOnce(conversationId: string, clientIds?: readonly string[]): void
  /** Alice's access token. */
  token(): string
  /** The text of the n-th message, the greeting being the first. */
  textOf(n: number): string
  /** The client ids of all that was sent. */
  readonly sent: readonly string[]
  /** What the server said that it accepted. */
  readonly accepted: readonly TimelineEntry[]
  /** What Bob's client has handed out. */
  readonly heard: readonly TimelineEntry[]
  /** Resolves once everything was accepted, and Bob has as much. Rejects when something was refused. */
  done(): Promise<void>
  /** Resolves once every client knows that its connection is lost. */
  disconnected(): Promise<void>
  close(): void
}

export async function openPeople(options: ParleyClientOptions): Promise<People> {
  const open = () =>
    createParleyClient({
      from: 'beginning',
      // Receipts are events too: they would be counted.
      autoDelivered: false,
      backoff: { minMs: 50, maxMs: 500 },
      ...options,
    })
  const password = randomUUID()
  const [alices, bob] = [Array.from({ length: devices }, open), open()]
  const [alice] = alices
  const credentials = () => ({ email: `${randomUUID()}@example.com`, password })
  const [asAlice, asBob] = [credentials(), credentials()]
  await alice!.register({ ...asAlice, firstName: 'Alice', lastName: 'Adams' })
  await bob.register({ ...asBob, firstName: 'Bob', lastName: 'Brown' })
  const { id: bobId } = await bob.logIn(asBob)
  let token = ''
  alice!.on('session', (session) => (token = session?.token ?? ''))
  for (const device of alices) await device.logIn(asAlice)
  await Promise.all([bob, ...alices].map((client) => client.connect()))

  const sent: string[] = []
  const accepted: TimelineEntry[] = []
  const heard: TimelineEntry[] = []
  const sending: Promise<TimelineEntry>[] = []
  bob.on('entry', (entry) => void heard.push(entry))

  const textOf = (n: number): string => `message ${n}`
  async function send(
    device: typeof bob,
    to: { to: string } | { conversationId: string },
    clientId: string = randomUUID(),
  ) {
    sent.push(clientId)
    const entry = await device.send({ ...to, clientId, text: textOf(sent.length) })
    accepted.push(entry)
    return entry
  }

  return {
    sent,
    accepted,
    heard,
    async greet() {
      const entry = await send(alice!, { to: bobId })
      await eventually(() => expect(heard).toEqual([entry]))
      return entry
    },
    token: () => token,
    textOf,
    sendManyAtOnce(conversationId, clientIds = []) {
      for (let message = 0; message < messagesEach * devices; message += 1) {
        sending.push(send(alices[message % devices]!, { conversationId }, clientIds[message]))
      }
      // `done` tells.
      for (const each of sending) each.catch(() => undefined)
    },
    async done() {
      await Promise.all(sending)
      await eventually(() => expect(heard.length).toBeGreaterThanOrEqual(accepted.length), patienceMs)
    },
    disconnected: () =>
      eventually(() => expect([bob, ...alices].map(({ state }) => state)).not.toContain('live')),
    close() {
      for (const client of [bob, ...alices]) client.close()
    },
  }
}
