import { randomUUID } from 'node:crypto'
import { refused } from '@parley/contracts/socket.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { eventually } from '@parley/testing/eventually.ts'
import {
  ask,
  type Client,
  codeOf,
  collect,
  createEntry,
  type GatewayUnderTest,
  heard,
  openGateway,
  untyped,
} from '../testing/open-gateway.ts'

const conversationId = randomUUID()

describe('answering events', () => {
  const { logger, lines } = createRecordingLogger()
  let opened: GatewayUnderTest
  let sent: unknown[]
  let client: Client

  const open = async (settings = {}): Promise<void> => {
    sent = []
    opened = await openGateway({
      settings,
      logger,
      chat: {
        async sendMessage(_, command) {
          sent.push(command)
          if (command.text === 'reused') throw new ParleyError('client-id-reused')
          if (command.text === 'boom') throw new Error('the database is at 10.0.0.7')
          return createEntry(1, command.text)
        },
      },
    })
    client = await opened.connect(randomUUID())
  }
  afterEach(() => opened.close())

  const command = (text: string) => ({ conversationId, clientId: randomUUID(), text })

  describe('checks the payload', () => {
    beforeEach(() => open())

    const good = { conversationId, clientId: 'a', text: 'x' }
    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['null', null],
      ['a text', 'message'],
      ['a number', 7],
      ['a list', [good]],
      ['an empty object', {}],
      ['binary data', Buffer.from('{"text":"x"}')],
      ['binary data within', { ...good, text: Buffer.from('x') }],
      ['an operator', { ...good, conversationId: { $ne: null } }],
      ['an unknown key', { ...good, sender: randomUUID() }],
      ['a number as text', { ...good, text: 5 }],
      ['a blank text', { ...good, text: ' \n' }],
      ['a text that is too long', { ...good, text: 'x'.repeat(4_001) }],
      ['both conversationId and to', { ...good, to: randomUUID() }],
      ['neither conversationId nor to', { clientId: 'a', text: 'x' }],
      ['a conversation id that is none', { ...good, conversationId: '../../etc' }],
    ])('%s', async (_, payload) => {
      expect(codeOf(await ask(client, 'message:send', payload))).toBe('validation-failed')
      expect(sent).toEqual([])
    })

    it('does not name every byte of binary data', async () => {
      const answer = await ask(client, 'message:send', Buffer.alloc(50_000))
      expect(JSON.stringify(answer).length).toBeLessThan(1_000)
    })

    it('says what is wrong', async () => {
      const answer = await ask(client, 'message:send', { ...good, text: 5 })
      expect(answer).toMatchObject({ problem: { status: 400, errors: [{ path: 'text' }] } })
    })

    it.each(['__proto__', 'constructor', 'prototype'])('a %s within changes nothing', async (key) => {
      const payload: unknown = JSON.parse(
        `{"conversationId":"${conversationId}","clientId":"a","text":"x","${key}":{"polluted":true}}`,
      )
      const answer = await ask(client, 'message:send', payload)
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
      if (answer.ok) expect(sent).toEqual([good])
      else expect(answer.problem.code).toBe('validation-failed')
      for (const command of sent) expect(Object.getPrototypeOf(command)).toBe(Object.prototype)
    })

    it.each([
      'no-such-event',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'error',
      'message',
      '',
    ])('refuses the event %j', async (event) => {
      const answer = refused.parse(await untyped(client).timeout(5_000).emitWithAck(event, good))
      expect(answer.problem.code).toBe('validation-failed')
    })
  })

  it('counts what it refuses, and tells a client that asked for no ack by an event', async () => {
    await open()
    const told = collect(client, 'event:refused')
    untyped(client).emit('message:send', { text: 5 })
    untyped(client).emit('x'.repeat(100), {})
    expect(codeOf(await ask(client, 'message:send', { text: 5 }))).toBe('validation-failed')
    expect(told).toMatchObject([
      { event: 'message:send', problem: { code: 'validation-failed', errors: expect.any(Array) } },
      { event: 'x'.repeat(64), problem: { code: 'validation-failed', detail: 'There is no such event.' } },
    ])
    const labels = { code: 'validation-failed' }
    expect(await opened.metric('parley_realtime_refused_events_total', labels)).toBe(3)
  })

  it('takes events without an ack and with more arguments than it knows', async () => {
    await open()
    untyped(client).emit('message:send')
    untyped(client).emit('message:send', null, null)
    untyped(client).emit('no-such-event', { a: 1 })
    untyped(client).emit('message:send', command('without ack'))
    const answer: unknown = await untyped(client).emitWithAck(
      'message:send',
      command('more'),
      { b: 2 },
      [3],
      'd',
    )
    expect(answer).toMatchObject({ ok: true })
    expect(sent).toMatchObject([{ text: 'without ack' }, { text: 'more' }])
  })

  it('answers a known error as its problem', async () => {
    await open()
    const answer = await ask(client, 'message:send', command('reused'))
    expect(answer).toMatchObject({ ok: false, problem: { status: 409, code: 'client-id-reused' } })
  })

  it('says nothing about an unknown error, and logs it under the correlation id', async () => {
    await open()
    const answer = await ask(client, 'message:send', command('boom'))
    if (answer.ok) throw new Error('must be refused')
    const { correlationId } = answer.problem
    expect(answer.problem).toEqual({
      type: 'urn:parley:problem:internal',
      status: 500,
      title: 'Something went wrong on our side',
      code: 'internal',
      correlationId,
    })
    const line = lines.find((line) => line['correlationId'] === correlationId)
    expect(line).toMatchObject({
      event: 'message:send',
      err: { type: 'Error', stack: expect.stringContaining('answer-events.test.ts') },
    })
    expect(JSON.stringify(line)).not.toContain('10.0.0.7')
  })

  it('refuses what passes the rate cap, and says when to come again', async () => {
    await open({ SOCKET_EVENTS_PER_SECOND: 1, SOCKET_EVENTS_BURST: 2 })
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((text) => ask(client, 'message:send', command(text))),
    )
    expect(answers.map(codeOf)).toEqual([undefined, undefined, 'rate-limited'])
    expect(answers[2]).toMatchObject({ problem: { status: 429, retryAfterSeconds: 1 } })
    expect(sent).toHaveLength(2)
    const other = await opened.connect(randomUUID())
    expect(codeOf(await ask(other, 'message:send', command('d')))).toBeUndefined()
  })

  it('closes a connection that floods', async () => {
    await open({ SOCKET_EVENTS_PER_SECOND: 1, SOCKET_EVENTS_BURST: 2 })
    const gone = heard(client, 'disconnect')
    for (let i = 0; i < 100; i += 1) untyped(client).emit('no-such-event')
    await gone
    await eventually(() => expect(opened.gateway.connections()).toBe(0))
    expect(await opened.metric('parley_realtime_closed_total', { cause: 'rate' })).toBe(1)
  })
})
