import { randomUUID } from 'node:crypto'
import {
  type ConversationResponse,
  getConversation,
  getHeads,
  type HeadsResponse,
  listConversations,
  type ListConversationsResponse,
} from '@parley/contracts/conversations.ts'
import {
  type DirectHistoryResponse,
  getDirectHistory,
  getHistory,
  type HistoryResponse,
  sendDirect,
  type SendDirectResponse,
  sendMessage,
  type SendMessageResponse,
} from '@parley/contracts/messages.ts'
import { advanceReceipt } from '@parley/contracts/receipts.ts'
import { getTimeline, type TimelineResponse } from '@parley/contracts/timeline.ts'
import type { Person } from '@parley/contracts/users.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { problemOf } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { startTestChat, type TestChat } from './test-chat.ts'

describe('chat service', () => {
  const folder = createTemporaryFolder()
  let chat: TestChat
  let alice: Person
  let bob: Person
  let eve: Person

  beforeEach(async () => {
    chat = await startTestChat(folder.path)
    ;[alice, bob, eve] = ['Alice', 'Bob', 'Eve'].map((name) => chat.register(name)) as [
      Person,
      Person,
      Person,
    ]
  })
  afterEach(() => chat.close())
  afterAll(() => folder.remove())

  const direct = (from: Person, to: Person, text: string, more: Record<string, unknown> = {}) =>
    chat.call(sendDirect, from, {
      body: { sender: from.id, receiver: to.id, messageDetails: { text }, ...more },
    })
  async function begin(text = 'hello'): Promise<string> {
    const { body } = await direct(alice, bob, text)
    return (body as SendDirectResponse).conversation.id
  }
  const send = (as: Person, id: string, text: string, more: Record<string, unknown> = {}) =>
    chat.call(sendMessage, as, { params: { id }, body: { clientId: randomUUID(), text, ...more } })

  describe('POST /chat', () => {
    it('stores a message between two people, with one conversation for both directions', async () => {
      const first = await direct(alice, bob, 'hello')
      const second = await direct(bob, alice, 'hi')
      expect([first.status, second.status]).toEqual([201, 201])
      const one = first.body as SendDirectResponse
      const other = second.body as SendDirectResponse
      expect(one.message).toMatchObject({ seq: 1, senderId: alice.id, text: 'hello' })
      expect(other.message).toMatchObject({ seq: 2, senderId: bob.id, text: 'hi' })
      expect(other.conversation).toEqual(one.conversation)
      expect(new Set(one.conversation.memberIds)).toEqual(new Set([alice.id, bob.id]))
    })

    it('answers a replay with 200 and the first message, and a reused clientId with 409', async () => {
      const clientId = 'my-client-id'
      const first = await direct(alice, bob, 'once', { clientId })
      const again = await direct(alice, bob, 'once', { clientId })
      expect([first.status, again.status]).toEqual([201, 200])
      expect(again.body).toEqual(first.body)
      expect(problemOf(await direct(alice, bob, 'twice', { clientId })).code).toBe('client-id-reused')
    })

    it('refuses a forged sender, an unknown receiver, oneself, and a caller without a token', async () => {
      const body = { sender: bob.id, receiver: alice.id, messageDetails: { text: 'forged' } }
      expect((await chat.call(sendDirect, eve, { body })).status).toBe(403)
      expect(problemOf(await direct(alice, { ...bob, id: randomUUID() }, 'hello')).code).toBe(
        'user-not-found',
      )
      expect((await direct(alice, alice, 'hello')).status).toBe(400)
      expect((await chat.call(sendDirect, undefined, { body })).status).toBe(401)
      expect(
        (await chat.stores.timeline.pending(new Date(Date.now() + 1_000).toISOString(), 10)).length,
      ).toBe(0)
    })

    it.each([
      ['an object for the text', { messageDetails: { text: { $ne: null } } }],
      ['no text', { messageDetails: {} }],
      ['a blank text', { messageDetails: { text: ' \n' } }],
      ['4,001 characters', { messageDetails: { text: 'x'.repeat(4_001) } }],
      ['a lone surrogate', { messageDetails: { text: 'a\ud800' } }],
      ['an object for the receiver', { receiver: { $ne: null } }],
      ['a clientId with a space', { clientId: 'not this' }],
    ])('answers %s with 400 and stores nothing', async (_, wrong) => {
      expect(problemOf(await direct(alice, bob, 'hello', wrong)).code).toBe('validation-failed')
      expect((await chat.call(listConversations, alice)).body).toEqual({
        conversations: [],
        nextCursor: null,
        unreadTotal: 0,
        epoch: await chat.stores.epoch.current(),
      })
    })
  })

  describe('GET /chat/conversation/:senderId/:receiverId', () => {
    const history = (as: Person, one: Person, other: Person, query = {}) =>
      chat.call(getDirectHistory, as, { params: { senderId: one.id, receiverId: other.id }, query })

    it('shows both what they said, newest first and in pages, in either order of names', async () => {
      for (const text of ['one', 'two', 'three']) await direct(alice, bob, text)
      const page = (await history(alice, alice, bob, { limit: 2 })).body as DirectHistoryResponse
      expect(page.messages.map(({ text }) => text)).toEqual(['three', 'two'])
      expect(page.nextBefore).toBe(2)
      const last = (await history(bob, bob, alice, { before: 2 })).body as DirectHistoryResponse
      expect(last.messages.map(({ text }) => text)).toEqual(['one'])
      expect(last.nextBefore).toBeNull()
    })

    it('is empty when they never spoke, and closed to strangers', async () => {
      expect((await history(alice, alice, bob)).body).toEqual({
        conversation: null,
        messages: [],
        nextBefore: null,
      })
      await direct(alice, bob, 'secret')
      expect(problemOf(await history(eve, alice, bob)).code).toBe('not-a-participant')
    })

    it.each([{ before: 0 }, { before: 'x' }, { limit: 0 }, { limit: 201 }, { unknown: 1 }])(
      'refuses the query %j',
      async (query) => {
        expect((await history(alice, alice, bob, query as Record<string, string | number>)).status).toBe(400)
      },
    )
  })

  it('closes every path of a conversation to those who are not its members', async () => {
    const id = await begin()
    const { message } = (await direct(alice, bob, 'again')).body as SendDirectResponse
    const answers = [
      await send(eve, id, 'let me in'),
      await send(eve, id, 'let me in', { replyTo: message.id }),
      await chat.call(getHistory, eve, { params: { id } }),
      await chat.call(getTimeline, eve, { params: { id } }),
      await chat.call(getConversation, eve, { params: { id } }),
      await chat.call(advanceReceipt, eve, { params: { id }, body: { read: 1 } }),
      await chat.call(getHistory, alice, { params: { id: randomUUID() } }),
    ]
    expect(answers.map((answer) => problemOf(answer).code)).toEqual(
      answers.map(() => 'conversation-not-found'),
    )
    expect((await chat.call(getHeads, eve)).body).toMatchObject({ heads: [] })
    expect((await chat.call(listConversations, eve)).body).toMatchObject({ conversations: [] })
  })

  describe('messages and timeline', () => {
    it('accepts each clientId once: 201, then 200 with the same entry, then 409 for another text', async () => {
      const id = await begin()
      const body = { clientId: 'once-only', text: 'hello' }
      const call = (more = {}) => chat.call(sendMessage, bob, { params: { id }, body: { ...body, ...more } })
      const first = await call()
      const again = await call()
      expect([first.status, again.status, (await call({ text: 'other' })).status]).toEqual([201, 200, 409])
      expect(again.body).toEqual(first.body)
      expect((first.body as SendMessageResponse).entry).toMatchObject({ seq: 2, senderId: bob.id })
    })

    it('takes replies to messages of the conversation only', async () => {
      const id = await begin()
      const { entry } = (await send(bob, id, 'a question')).body as SendMessageResponse
      const reply = await send(alice, id, 'an answer', { replyTo: entry.id })
      expect((reply.body as SendMessageResponse).entry.body).toEqual({ text: 'an answer', replyTo: entry.id })

      const elsewhere = (await direct(alice, eve, 'elsewhere')).body as SendDirectResponse
      const wrong = await send(alice, id, 'wrong', { replyTo: elsewhere.message.id })
      expect(problemOf(wrong).code).toBe('message-not-found')
    })

    it('fills a hole: entries behind a position, oldest first, with the head', async () => {
      const id = await begin('1')
      for (const text of ['2', '3', '4']) await send(bob, id, text)
      const after = async (query: Record<string, number>) =>
        (await chat.call(getTimeline, alice, { params: { id }, query })).body as TimelineResponse
      const page = await after({ after: 1, limit: 2 })
      expect(page.entries.map(({ seq }) => seq)).toEqual([2, 3])
      expect(page).toMatchObject({ head: 4, more: true })
      expect(await after({ after: 3 })).toMatchObject({ head: 4, more: false })
      expect(await after({ after: 4 })).toMatchObject({ entries: [], head: 4, more: false })
    })

    it('pages through the history', async () => {
      const id = await begin('1')
      for (const text of ['2', '3']) await send(bob, id, text)
      const page = await chat.call(getHistory, alice, { params: { id }, query: { limit: 2 } })
      expect((page.body as HistoryResponse).messages.map(({ text }) => text)).toEqual(['3', '2'])
      expect((page.body as HistoryResponse).nextBefore).toBe(2)
    })
  })

  describe('conversation list', () => {
    const list = async (as: Person, query = {}) =>
      (await chat.call(listConversations, as, { query })).body as ListConversationsResponse

    it('shows members, head, last message, unread count and receipts, the last active first', async () => {
      const withBob = await begin('first')
      await direct(eve, alice, 'psst')
      await send(bob, withBob, 'second')

      const { conversations } = await list(alice)
      expect(conversations.map(({ lastMessage }) => lastMessage?.text)).toEqual(['second', 'psst'])
      expect(conversations[0]).toMatchObject({
        id: withBob,
        head: 2,
        unread: 1,
        receipts: expect.arrayContaining([
          { userId: alice.id, delivered: 0, read: 0 },
          { userId: bob.id, delivered: 0, read: 0 },
        ]) as unknown,
      })
      expect(new Set(conversations[0]?.members)).toEqual(new Set([alice, bob]))
      expect((await list(bob)).conversations[0]).toMatchObject({ unread: 1 })
    })

    it('pages without overlap', async () => {
      const others = Array.from({ length: 5 }, (_, index) => chat.register(`Person ${index}`))
      for (const other of others) await direct(other, alice, other.firstName)
      const first = await list(alice, { limit: 3 })
      const second = await list(alice, { limit: 3, cursor: first.nextCursor })
      expect(second.nextCursor).toBeNull()
      const names = [...first.conversations, ...second.conversations].map(
        ({ lastMessage }) => lastMessage?.text,
      )
      expect(new Set(names)).toEqual(new Set(others.map(({ firstName }) => firstName)))
      expect(names).toHaveLength(5)
    })

    it('says on the first page how much is unread in all 111 conversations, whatever is on the page', async () => {
      const others = Array.from({ length: 111 }, (_, index) => chat.register(`Person ${index}`))
      for (const [index, other] of others.entries()) {
        for (let count = 0; count <= index % 4; count += 1) await direct(other, alice, `message ${count}`)
      }
      // 27 times 1 + 2 + 3 + 4, and 1 + 2 + 3.
      const first = await list(alice)
      expect(first).toMatchObject({ unreadTotal: 276 })
      expect(await list(alice, { limit: 1 })).toMatchObject({ unreadTotal: 276 })
      expect(await list(alice, { cursor: first.nextCursor })).not.toHaveProperty('unreadTotal')

      const { id, head } = first.conversations[0]!
      await chat.call(advanceReceipt, alice, { params: { id }, body: { read: head } })
      expect(await list(alice)).toMatchObject({ unreadTotal: 276 - head })
      expect(await list(others[0]!)).toMatchObject({ unreadTotal: 0 })
    })

    it('ends a page that would be too large, and goes on behind it', async () => {
      const others = Array.from({ length: 50 }, (_, index) => chat.register(`Person ${index}`))
      const text = '\u{1F600}'.repeat(4_000)
      for (const other of others) await direct(other, alice, text)
      const first = await list(alice, { limit: 50 })
      expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(540_000)
      const second = await list(alice, { limit: 50, cursor: first.nextCursor })
      expect(second.nextCursor).toBeNull()
      const ids = [...first.conversations, ...second.conversations].map(({ id }) => id)
      expect(ids).toHaveLength(50)
      expect(new Set(ids).size).toBe(50)
    })

    it('refuses a cursor that it never gave', async () => {
      for (const cursor of ['nonsense', Buffer.from('{"$ne":1}').toString('base64url')]) {
        expect((await chat.call(listConversations, alice, { query: { cursor } })).status).toBe(400)
        expect((await chat.call(getHeads, alice, { query: { cursor } })).status).toBe(400)
      }
    })
  })

  describe('heads', () => {
    it('tells what changed since a cursor, and never skips a change that is made meanwhile', async () => {
      const id = await begin()
      const heads = async (query = {}) => (await chat.call(getHeads, bob, { query })).body as HeadsResponse
      const first = await heads()
      expect(first).toMatchObject({ heads: [{ conversationId: id, head: 1 }], more: false })
      await send(alice, id, 'more')
      const next = await heads({ cursor: first.cursor })
      expect(next.heads).toEqual([{ conversationId: id, head: 2 }])
    })
  })

  it('says in heads, timelines, histories and lists which data it is', async () => {
    const id = await begin()
    const epoch = await chat.stores.epoch.current()
    for (const [operation, params] of [
      [getHeads, {}],
      [listConversations, {}],
      [getTimeline, { id }],
      [getHistory, { id }],
    ] as const) {
      expect((await chat.call(operation, alice, { params })).body).toMatchObject({ epoch })
    }
  })

  it('tells gateways once of an epoch that they do not know', async () => {
    const epoch = await chat.stores.epoch.current()
    const of = { type: 'chat.epoch-began.v1', data: { epoch } }
    expect(chat.published.filter(({ type }) => type === of.type)).toEqual([expect.objectContaining(of)])
    await chat.chat.start()
    expect(chat.published.filter(({ type }) => type === of.type)).toHaveLength(1)
    await chat.stores.epoch.renew()
    await chat.chat.start()
    expect(chat.published.filter(({ type }) => type === of.type)).toHaveLength(2)
  })

  describe('receipts', () => {
    const advance = (as: Person, id: string, body: unknown) =>
      chat.call(advanceReceipt, as, { params: { id }, body })

    it('move forward, imply each other, and clear the unread count', async () => {
      const id = await begin()
      for (const text of ['2', '3']) await send(alice, id, text)
      expect((await advance(bob, id, { delivered: 3 })).body).toEqual({ delivered: 3, read: 0 })
      expect((await advance(bob, id, { read: 2 })).body).toEqual({ delivered: 3, read: 2 })
      expect((await advance(bob, id, { delivered: 1, read: 1 })).body).toEqual({ delivered: 3, read: 2 })
      const { conversation } = (await chat.call(getConversation, bob, { params: { id } }))
        .body as ConversationResponse
      expect(conversation.unread).toBe(1)
      expect(conversation.receipts).toContainEqual({ userId: bob.id, delivered: 3, read: 2 })
    })

    it('cannot pass the head, and must say something', async () => {
      const id = await begin()
      expect(problemOf(await advance(bob, id, { read: 2 })).code).toBe('receipt-beyond-head')
      for (const body of [{}, { read: -1 }, { read: 1.5 }, { read: '1' }, { read: { $gt: 0 } }]) {
        expect(problemOf(await advance(bob, id, body)).code).toBe('validation-failed')
      }
      expect((await advance(bob, id, { read: 0 })).body).toEqual({ delivered: 0, read: 0 })
    })

    it('are published to the members', async () => {
      const id = await begin()
      await advance(bob, id, { read: 1 })
      await eventually(() =>
        expect(chat.published).toContainEqual(
          expect.objectContaining({
            type: 'chat.receipt-advanced.v1',
            data: {
              conversationId: id,
              userId: bob.id,
              delivered: 1,
              read: 1,
              recipientIds: [alice.id, bob.id].toSorted(),
            },
          }),
        ),
      )
    })
  })

  describe('events', () => {
    const messages = () => chat.published.filter(({ type }) => type === 'chat.message-created.v1')

    it('are published once per message, with the entry and whom it is for, and not for replays', async () => {
      const clientId = randomUUID()
      const { body } = await direct(alice, bob, 'hello', { clientId })
      await direct(alice, bob, 'hello', { clientId })
      const { message, conversation } = body as SendDirectResponse
      await eventually(() => expect(messages()).toHaveLength(1))
      await eventually(async () =>
        expect(await chat.stores.timeline.pending(new Date(Date.now() + 1).toISOString(), 10)).toEqual([]),
      )
      expect(messages()).toEqual([
        expect.objectContaining({
          id: message.id,
          type: 'chat.message-created.v1',
          subject: conversation.id,
          data: {
            entry: expect.objectContaining({ id: message.id, seq: 1, body: { text: 'hello' } }) as unknown,
            recipientIds: conversation.memberIds,
          },
        }),
      ])
    })

    it('stay in the outbox while publishing fails, and come once it works', async () => {
      const bus = createMemoryEventBus()
      let broken = true
      const flaky = await startTestChat(folder.path, {
        ...bus,
        publish: (events) => (broken ? Promise.reject(new Error('no broker')) : bus.publish(events)),
      })
      const [one, other] = [flaky.register('One'), flaky.register('Other')]
      const body = { sender: one.id, receiver: other.id, messageDetails: { text: 'hello' } }
      expect((await flaky.call(sendDirect, one, { body })).status).toBe(201)
      const pending = () => flaky.stores.timeline.pending(new Date(Date.now() + 1).toISOString(), 10)
      expect(await pending()).toHaveLength(1)

      broken = false
      await eventually(() =>
        expect(flaky.published.filter(({ type }) => type === 'chat.message-created.v1')).toHaveLength(1),
      )
      await eventually(async () => expect(await pending()).toEqual([]))
      await flaky.close()
    })
  })

  it('knows people from events, without asking auth', async () => {
    const user = { id: randomUUID(), firstName: 'Known', lastName: 'FromEvent' }
    await chat.bus.publish([
      {
        specversion: '1.0',
        id: randomUUID(),
        source: 'urn:parley:auth',
        type: 'users.user-registered.v1',
        subject: user.id,
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        data: { user },
      },
    ])
    expect((await direct(alice, user, 'welcome')).status).toBe(201)
  })
})
