import * as fc from 'fast-check'
import { ParleyClientError } from '../client-error.ts'
import { createEntry } from '../testing/entries.ts'
import { createManualTimers, settle } from '../testing/manual-timers.ts'
import { problemFor } from '../testing/protocol-server.ts'
import { createBackoff } from '../time/backoff.ts'
import { createSender, type OutgoingMessage, type SendOnce } from './sender.ts'
import type { UnsentMessage } from './unsent.ts'

type Outcome = 'accepted' | 'answer-lost' | 'unavailable' | 'refused' | 'full'

/** A sender to a server that stores by clientId, and does to each try what comes next in `outcomes`. */
function createWorld(outcomes: Outcome[], maxUnsent = 100) {
  const timers = createManualTimers()
  const stored = new Map<string, { lane: string; clientId: string; text: string }[]>()
  const tried: string[] = []
  const accepted: string[] = []
  const lists: (readonly UnsentMessage[])[] = []

  const sendOnce: SendOnce = async (message) => {
    await settle()
    const { clientId, text } = message
    const lane = message.conversationId ?? message.to
    tried.push(`${text} ${clientId}`)
    const outcome = outcomes.shift() ?? 'accepted'
    if (outcome === 'unavailable') throw new ParleyClientError('unavailable')
    if (outcome === 'refused') throw new ParleyClientError(problemFor('conversation-not-found'))
    if (outcome === 'full') throw new ParleyClientError(problemFor('storage-used-up'))
    const entries = stored.get(lane) ?? []
    stored.set(lane, entries)
    if (!entries.some((entry) => entry.clientId === clientId)) entries.push({ lane, clientId, text })
    if (outcome === 'answer-lost') throw new ParleyClientError(problemFor('internal'))
    return createEntry(lane, entries.findIndex((entry) => entry.clientId === clientId) + 1)
  }

  const sender = createSender({
    bySocket: () => undefined,
    byHttp: sendOnce,
    onAccepted: ({ conversationId, seq }) => accepted.push(`${conversationId}${seq}`),
    onUnsent: (messages) => lists.push(messages),
    maxUnsent,
    timers,
    backoff: createBackoff({ minMs: 200, maxMs: 30_000 }, () => 1),
  })
  return { sender, timers, stored, tried, accepted, lists }
}

describe('a sender', () => {
  it('stores each message once and in order, however its tries end', async () => {
    const outcome = fc.constantFrom<Outcome>('accepted', 'answer-lost', 'unavailable', 'refused')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b'), { maxLength: 12, size: 'max' }),
        fc.array(outcome, { maxLength: 30, size: 'max' }),
        async (lanes, outcomes) => {
          const world = createWorld(outcomes)
          const messages = lanes.map((conversationId, index) => ({
            conversationId,
            text: `message ${index}`,
          }))
          const results = Promise.allSettled(messages.map((message) => world.sender.send(message)))
          // More turns than all tries together can take.
          for (let turn = 0; turn < 100; turn += 1) {
            await settle()
            world.timers.runNext()
          }

          const sent = (await results).map(({ status }) => status === 'fulfilled')
          for (const lane of ['a', 'b']) {
            const texts = (world.stored.get(lane) ?? []).map(({ text }) => text)
            const inLane = messages.filter(({ conversationId }) => conversationId === lane)
            const all = inLane.map(({ text }) => text)
            // In order, each once; one whose answer was lost may be stored although a later try was refused.
            expect(texts).toEqual(all.filter((text) => texts.includes(text)))
            expect(new Set(texts).size).toBe(texts.length)
            for (const message of inLane)
              if (sent[messages.indexOf(message)]) expect(texts).toContain(message.text)
          }
          expect(world.accepted).toHaveLength(sent.filter(Boolean).length)
          expect(new Set(world.tried).size).toBe(messages.length)
          expect(world.timers.pending).toBe(0)
          expect(world.sender.unsent).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })

  it('waits as long as the server asks, and longer each time for one that is away', async () => {
    const { sender, timers } = createWorld(['unavailable', 'unavailable'])
    const sent = sender.send({ conversationId: 'a', text: 'hello' })
    const begin = timers.now()
    for (const gap of [200, 600]) {
      await settle()
      await settle()
      timers.runNext()
      expect(timers.now() - begin).toBe(gap)
    }
    await sent

    const busy = createManualTimers()
    let tries = 0
    const patient = createSender({
      bySocket: () => undefined,
      byHttp() {
        tries += 1
        if (tries > 1) return Promise.resolve(createEntry('a', 1))
        return Promise.reject(new ParleyClientError(problemFor('rate-limited', { retryAfterSeconds: 7 })))
      },
      onAccepted: () => undefined,
      onUnsent: () => undefined,
      maxUnsent: 10,
      timers: busy,
      backoff: createBackoff({ minMs: 200, maxMs: 30_000 }, () => 1),
    })
    const start = busy.now()
    const accepted = patient.send({ to: 'b', text: 'hello' })
    await settle()
    patient.wake()
    await settle()
    expect(tries).toBe(1)
    busy.runNext()
    await accepted
    expect(busy.now() - start).toBe(7_200)
  })

  it('gives up for good when the storage of the user is used up, and goes on with the next one', async () => {
    const { sender, tried, timers } = createWorld(['full'])
    const refused = sender.send({ conversationId: 'a', text: 'one' })
    const next = sender.send({ conversationId: 'a', text: 'two' })
    await expect(refused).rejects.toMatchObject({ code: 'storage-used-up' })
    await next
    expect(tried.map((one) => one.split(' ')[0])).toEqual(['one', 'two'])
    expect(sender.unsent).toEqual([])
    expect(timers.pending).toBe(0)
  })

  it('tries at once when there is a connection again', async () => {
    const { sender, timers, tried } = createWorld(['unavailable'])
    const sent = sender.send({ conversationId: 'a', text: 'hello' })
    await settle()
    await settle()
    expect(tried).toHaveLength(1)
    sender.wake()
    await sent
    expect(timers.pending).toBe(0)
  })

  it('takes the socket and HTTP in turn, so that neither can hold a message up', async () => {
    const timers = createManualTimers()
    const ways: string[] = []
    const by =
      (way: string): SendOnce =>
      () => {
        ways.push(way)
        if (ways.length > 3) return Promise.resolve(createEntry('a', 1))
        return Promise.reject(new ParleyClientError('unavailable'))
      }
    const socket = by('socket')
    const sender = createSender({
      bySocket: () => socket,
      byHttp: by('http'),
      onAccepted: () => undefined,
      onUnsent: () => undefined,
      maxUnsent: 10,
      timers,
      backoff: () => 1,
    })
    const sent = sender.send({ conversationId: 'a', text: 'hello' })
    for (let turn = 0; turn < 3; turn += 1) {
      await settle()
      timers.runNext()
    }
    await sent
    expect(ways).toEqual(['socket', 'http', 'socket', 'http'])
  })

  it('does not try what was given up, also while it waits for its turn', async () => {
    const { sender, tried, timers } = createWorld(['unavailable'])
    const message = (text: string): OutgoingMessage => ({ conversationId: 'a', text })
    const giveUp = new AbortController()
    const first = sender.send(message('one'))
    const second = sender.send(message('two'), giveUp.signal)
    const third = sender.send(message('three'))
    giveUp.abort(new Error('changed my mind'))
    await expect(second).rejects.toThrow('changed my mind')
    await settle()
    await settle()
    timers.runNext()
    await Promise.all([first, third])
    expect(tried.map((one) => one.split(' ')[0])).toEqual(['one', 'one', 'three'])
  })

  it('tells what is not accepted yet, in order, with what went wrong', async () => {
    const { sender, timers, lists } = createWorld(['unavailable'])
    const first = sender.send({ conversationId: 'a', text: 'one', clientId: 'c1' })
    const second = sender.send({ to: 'b', text: 'two', clientId: 'c2' })
    const since = timers.now()
    const one = { conversationId: 'a', text: 'one', clientId: 'c1', since, attempts: 0 }
    const two = { to: 'b', text: 'two', clientId: 'c2', since, attempts: 0 }
    expect(sender.unsent).toEqual([one, two])
    await second
    expect(sender.unsent).toEqual([{ ...one, attempts: 1, lastError: 'unavailable' }])
    timers.runNext()
    await first
    const texts = lists.map((list) => list.map(({ text, attempts }) => `${text} ${attempts}`))
    expect(texts).toEqual([['one 0'], ['one 0', 'two 0'], ['one 1', 'two 0'], ['one 1'], []])
  })

  it('sends what an earlier run did not see accepted, and keeps since when it waits', async () => {
    const earlier = createWorld(['answer-lost'])
    const lost = earlier.sender.send({ conversationId: 'a', text: 'one' })
    await settle()
    await settle()
    earlier.sender.close(new Error('the app ended'))
    await expect(lost).rejects.toThrow('the app ended')
    const [saved] = JSON.parse(JSON.stringify(earlier.sender.unsent)) as UnsentMessage[]
    if (saved === undefined) throw new Error('it is kept')
    expect(earlier.timers.pending).toBe(0)
    expect(earlier.lists.at(-1)).toHaveLength(1)

    const later = createWorld([])
    later.timers.after(5_000, () => undefined)
    later.timers.runNext()
    const sent = later.sender.send(saved)
    expect(later.sender.unsent).toEqual([{ ...saved, attempts: 0, lastError: undefined }])
    await sent
    expect(later.stored.get('a')).toEqual(earlier.stored.get('a'))
  })

  it('takes no more than it may hold, and those given up count until their turn', async () => {
    const { sender, timers, stored } = createWorld(['unavailable'], 2)
    const first = sender.send({ conversationId: 'a', text: 'one' })
    const giveUp = new AbortController()
    const second = sender.send({ conversationId: 'a', text: 'two' }, giveUp.signal)
    giveUp.abort(new Error('changed my mind'))
    await expect(second).rejects.toThrow('changed my mind')
    expect(sender.unsent.map(({ text }) => text)).toEqual(['one'])
    await expect(sender.send({ to: 'b', text: 'three' })).rejects.toMatchObject({ code: 'queue-full' })
    expect(sender.unsent).toHaveLength(1)

    await settle()
    timers.runNext()
    await first
    await settle()
    await sender.send({ to: 'b', text: 'four' })
    expect([...stored.values()].flat().map(({ text }) => text)).toEqual(['one', 'four'])
  })

  it('takes nothing from who has given up before, or after it was closed', async () => {
    const { sender, lists } = createWorld([])
    const message = { to: 'b', text: 'hello' }
    await expect(sender.send(message, AbortSignal.abort(new Error('never mind')))).rejects.toThrow('never')
    sender.close(new Error('closed'))
    await expect(sender.send(message)).rejects.toThrow('closed')
    expect(lists).toEqual([])
  })
})
