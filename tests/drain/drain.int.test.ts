import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import { listConversations } from '@parley/contracts/conversations.ts'
import { sendDirect, sendMessage } from '@parley/contracts/messages.ts'
import type { Operation } from '@parley/contracts/operation.ts'
import { login } from '@parley/contracts/sessions.ts'
import { getMe } from '@parley/contracts/users.ts'
import { callOperation, problemOf } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { io } from 'socket.io-client'
import { type ComposedStack, startStack } from '../stack/composed-stack.ts'
import { comingBack } from './coming-back.ts'
import { connectMany, type ManyClients } from './many-clients.ts'
import type { ClientLife } from './protocol.ts'
import { countOutcomes, requestSteadily } from './steady-requests.ts'

const sockets = 1_000
const users = 20
const jitterMs = 5_000
/**
 * An even spread is 1, and all of them within one second are 5. What comes by chance is about 1.5, and up to 3 on
 * a machine that is too busy to start them in time.
 */
const mostPeakToEven = 4.5
const password = 'a good password'

interface Person {
  readonly client: ParleyClient
  readonly id: string
  readonly email: string
  readonly session: SavedSession
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Deploys go unnoticed (P7): the processes of a running stack are ended one after the other. */
describe('draining', () => {
  let stack: ComposedStack
  let people: Person[]
  let failed = true

  async function signUp(name: string): Promise<Person> {
    const email = `${name}@example.com`
    const client = createParleyClient({ url: stack.url })
    let session: SavedSession | undefined
    client.on('session', (changed) => (session = changed))
    await client.register({ firstName: name, lastName: 'Drain', email, password })
    const { id } = await client.logIn({ email, password })
    return { client, id, email, session: session! }
  }
  /** As `docker stop` does it, which is what a deploy does: SIGTERM, and the rest only after a long while. */
  const end = (id: string) => stack.docker('stop', '--time', '30', id)

  beforeAll(async () => {
    const scale = { realtime: 3, chat: 2, auth: 2 }
    stack = await startStack({ project: 'parley-test-drain', scale })
    people = await Promise.all(Array.from({ length: users }, (_, index) => signUp(`person-${index}`)))
  }, 600_000)
  afterAll(async () => {
    for (const { client } of people ?? []) client.close()
    if (failed) await stack?.saveLogs()
    await stack?.down()
  }, 600_000)

  it(`of a gateway with a third of ${sockets} sockets shows in no conversation`, async () => {
    const neighbours = people.map((from, index) => ({ from, to: people[(index + 1) % users]! }))
    /** The highest seq that was accepted, by conversation; and its members. */
    const heads = new Map<string, { head: number; members: readonly string[] }>()
    async function sendOne(index: number): Promise<void> {
      const { from, to } = neighbours[index % users]!
      const { conversationId, seq } = await from.client.send({ to: to.id, text: `message ${index}` })
      heads.set(conversationId, {
        head: Math.max(seq, heads.get(conversationId)?.head ?? 0),
        members: [from.id, to.id],
      })
    }
    await Promise.all(neighbours.map((_, index) => sendOne(index)))
    const clients: ManyClients = await connectMany({
      url: stack.url,
      sessions: Array.from({ length: sockets }, (_, index) => people[index % users]!.session),
      processes: 3,
    })
    try {
      const gateways = await stack.containers('realtime')
      const held = await Promise.all(
        gateways.map(({ sumOfMetric }) => sumOfMetric('parley_realtime_connections')),
      )
      expect(held.reduce((sum, count) => sum + count, 0)).toBe(sockets)

      let sent = 0
      const sending = requestSteadily(
        { send: () => sendOne((sent += 1)).then(() => 'accepted') },
        { callers: 5, pauseMs: 500 },
      )
      await sleep(1_000)
      const since = Date.now()
      const ended = end(gateways[0]!.id)
      await eventually(async () => {
        const lives = await clients.lives()
        expect(comingBack(lives, since, jitterMs).lost).toBe(held[0])
        expect(lives.filter(({ states }) => states.at(-1)?.state !== 'live')).toHaveLength(0)
        await sleep(250)
      }, 40_000)
      await sleep(1_000)
      const outcomes = countOutcomes(await sending.stop())
      await ended

      const missing = ({ userId, shown }: ClientLife): string[] =>
        [...heads]
          .filter(([id, { head, members }]) => members.includes(userId) && shown[id] !== head)
          .map(([id, { head }]) => `${String(shown[id])} of ${head} in ${id}`)
      const lives = await eventually(async () => {
        const now = await clients.lives()
        expect(now.flatMap(missing)).toEqual([])
        return now
      }, 10_000)
      expect(lives.flatMap(({ faults }) => faults)).toEqual([])

      const figures = comingBack(lives, since, jitterMs)
      print(`drain of a gateway: ${JSON.stringify({ held, sent, outcomes, ...figures })}`)
      expect(figures.back).toBe(held[0])
      expect(figures.peakToEven).toBeLessThan(mostPeakToEven)
      expect(Object.keys(outcomes['send']!)).toEqual(['accepted'])
    } finally {
      await clients.close()
    }
  }, 180_000)

  it('of a chat and an auth under load fails no request, and drops none that was accepted', async () => {
    const [alice, bob, carol, dora] = [people[0]!, people[1]!, people[2]!, people[3]!]
    const { conversationId } = await alice.client.send({ to: bob.id, text: 'first' })
    const { conversationId: legacyId } = await alice.client.send({ to: carol.id, text: 'first' })
    const before = new Map<string, number>()
    for (const id of [conversationId, legacyId]) {
      before.set(id, (await alice.client.conversations.timeline(id, { limit: 1 })).head)
    }
    const socket = io(stack.url, { transports: ['websocket'], auth: { token: alice.session.token } })
    await new Promise<void>((resolve) => socket.once('connect', resolve))

    const accepted = { [conversationId]: 0, [legacyId]: 0 }
    async function call(operation: Operation, body?: unknown): Promise<string> {
      const params = operation.params === undefined ? {} : { params: { id: conversationId } }
      const answer = await callOperation(stack.url, operation, {
        ...params,
        token: alice.session.token,
        ...(body === undefined ? {} : { body }),
      })
      return answer.status < 300 ? 'ok' : problemOf(answer).code
    }
    async function counted(id: string, result: Promise<string>): Promise<string> {
      const ended = await result
      if (ended === 'ok') accepted[id]! += 1
      return ended
    }
    const message = () => ({ clientId: randomUUID(), text: 'under load' })
    const load = requestSteadily(
      {
        'GET from chat': () => call(listConversations),
        'POST with a clientId': () => counted(conversationId, call(sendMessage, message())),
        // Not tried elsewhere by nginx: without a clientId it would be stored twice.
        'POST without a clientId': () => {
          const to = { sender: alice.id, receiver: carol.id }
          return counted(legacyId, call(sendDirect, { ...to, messageDetails: { text: 'under load' } }))
        },
        'send over a socket': async () => {
          const answer = (await socket
            .timeout(20_000)
            .emitWithAck('message:send', { conversationId, ...message() })) as {
            ok: boolean
            problem?: { code: string }
          }
          return counted(conversationId, Promise.resolve(answer.problem?.code ?? 'ok'))
        },
        'GET from auth': () => call(getMe),
        // By somebody with no session at work: of so many sessions the longest unused ones end.
        'POST to auth': () => call(login, { email: dora.email, password }),
      },
      { callers: 4, pauseMs: 20 },
    )
    try {
      for (const service of ['chat', 'auth']) {
        await sleep(2_000)
        const [first] = await stack.containers(service)
        await end(first!.id)
        expect((await stack.containers(service)).find(({ id }) => id === first!.id)).toMatchObject({
          running: false,
          exitCode: 0,
        })
      }
      await sleep(2_000)
    } finally {
      const counts = countOutcomes(await load.stop())
      socket.disconnect()
      print(`drain of chat and auth: ${JSON.stringify(counts)}`)
      for (const [kind, results] of Object.entries(counts))
        expect([kind, Object.keys(results)]).toEqual([kind, ['ok']])
    }
    for (const [id, count] of Object.entries(accepted)) {
      const { head } = await alice.client.conversations.timeline(id, { limit: 1 })
      expect([id, head - before.get(id)!]).toEqual([id, count])
    }
    failed = false
  }, 120_000)
})
