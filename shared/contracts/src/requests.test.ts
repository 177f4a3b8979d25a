import { sendDirectRequest, sendMessageCommand, sendMessageRequest } from './messages.ts'
import { operations } from './operations.ts'
import { limit, seqInQuery } from './paging.ts'
import { advanceReceiptCommand, advanceReceiptRequest } from './receipts.ts'
import { loginRequest } from './sessions.ts'
import { typingCommand, watchPresenceCommand } from './socket.ts'
import { createUserRequest } from './users.ts'

const alice = '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10'
const bob = '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f11'
const conversationId = '5c1f1c5e-8a59-5d3c-9d6b-0f6f6a2a9e77'
const content = { clientId: 'attempt-1', text: 'Hello' }

describe('ids are one thing, whatever the case they are written in', () => {
  const [ALICE, BOB, CONVERSATION] = [alice, bob, conversationId].map((id) => id.toUpperCase())

  it('in bodies', () => {
    const direct = { sender: ALICE, receiver: BOB, messageDetails: { text: 'Hello' } }
    expect(sendDirectRequest.parse(direct)).toMatchObject({ sender: alice, receiver: bob })
    expect(sendDirectRequest.safeParse({ ...direct, receiver: alice }).success).toBe(false)
    expect(sendMessageRequest.parse({ ...content, replyTo: BOB })).toMatchObject({ replyTo: bob })
  })

  it('in what sockets send', () => {
    const into = { ...content, conversationId: CONVERSATION }
    expect(sendMessageCommand.parse(into)).toMatchObject({ conversationId })
    expect(sendMessageCommand.parse({ ...content, to: BOB })).toMatchObject({ to: bob })
    expect(watchPresenceCommand.parse({ userIds: [ALICE, bob] })).toEqual({ userIds: [alice, bob] })
    expect(typingCommand.parse({ conversationId: CONVERSATION, typing: true })).toMatchObject({
      conversationId,
    })
    expect(advanceReceiptCommand.parse({ conversationId: CONVERSATION, read: 1 })).toMatchObject({
      conversationId,
    })
  })

  it.each(operations.filter(({ params }) => params !== undefined))('in the address of $id', ({ params }) => {
    const names = Object.keys(params!.shape)
    const filled = (id: string) => Object.fromEntries(names.map((name) => [name, id]))
    expect(params!.parse(filled(alice.toUpperCase()))).toEqual(filled(alice))
  })

  it('but a clientId is what its client made it', () => {
    expect(sendMessageRequest.parse({ ...content, clientId: 'Attempt-1' }).clientId).toBe('Attempt-1')
  })
})

describe('what a socket sends', () => {
  it.each([
    ['into a conversation', { ...content, conversationId }],
    ['to a person', { ...content, to: bob }],
  ])('goes %s', (_, command) => expect(sendMessageCommand.parse(command)).toEqual(command))

  it.each([
    ['to both at once', { ...content, conversationId, to: bob }],
    ['to neither', content],
    ['without a clientId, which a retry needs', { text: 'Hello', to: bob }],
    ['with a sender of its own choice', { ...content, to: bob, senderId: alice }],
  ])('does not go %s', (_, command) => {
    expect(sendMessageCommand.safeParse(command).success).toBe(false)
  })
})

it('nobody writes to themselves', () => {
  const request = { sender: alice, receiver: bob, messageDetails: { text: 'Hello' } }
  expect(sendDirectRequest.parse(request)).toEqual(request)
  const issues = sendDirectRequest.safeParse({ ...request, receiver: alice }).error?.issues
  expect(issues).toMatchObject([{ path: ['receiver'] }])
})

it.each([
  [advanceReceiptRequest, {}],
  [advanceReceiptCommand, { conversationId }],
])('a receipt says something', (schema, empty) => {
  expect(schema.safeParse(empty).success).toBe(false)
  expect(schema.safeParse({ ...empty, read: 0 }).success).toBe(true)
  expect(schema.safeParse({ ...empty, delivered: 3, read: 2 }).success).toBe(true)
  for (const read of [-1, 1.5, '1', 2 ** 53]) {
    expect(schema.safeParse({ ...empty, read }).success).toBe(false)
  }
})

describe('a hostile body', () => {
  const hostile = JSON.parse(`{
    "firstName": "Alice", "lastName": "A", "email": "alice@example.com", "password": "correct horse",
    "__proto__": { "admin": true }, "constructor": { "prototype": { "admin": true } }
  }`) as object

  it('pollutes nothing where unknown fields are ignored', () => {
    const parsed = createUserRequest.parse(hostile)
    expect(Object.keys(parsed)).toEqual(['firstName', 'lastName', 'email', 'password'])
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
    expect(parsed).not.toHaveProperty('admin')
    expect({}).not.toHaveProperty('admin')
  })

  it('is refused where unknown fields are', () => {
    const body = JSON.parse(`{ "clientId": "a", "text": "Hello", "__proto__": { "admin": true } }`) as object
    expect(sendMessageRequest.safeParse(body).success).toBe(false)
  })

  it.each(['email', 'password'])('cannot smuggle a query operator in as %s', (field) => {
    const body = { email: 'alice@example.com', password: 'correct horse', [field]: { $ne: null } }
    expect(loginRequest.safeParse(body).success).toBe(false)
  })
})

describe('numbers in a query string', () => {
  it('have a standard, and bounds', () => {
    const pageSize = limit(50, 200)
    expect(pageSize.parse(undefined)).toBe(50)
    expect(pageSize.parse('200')).toBe(200)
    for (const wrong of [
      '0',
      '201',
      '-1',
      '1.5',
      'ten',
      '',
      ' 5',
      '5 ',
      '0x10',
      '1e1',
      '+5',
      'NaN',
      ['1', '2'],
    ]) {
      expect([wrong, pageSize.safeParse(wrong).success]).toEqual([wrong, false])
    }
    // What an empty value (`?limit=`) is told.
    expect(pageSize.safeParse('').error?.issues[0]?.message).toBe('must be a whole number from 1 to 200')
  })

  it('are positions that a number can hold exactly', () => {
    expect(seqInQuery(0).parse('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    for (const wrong of [
      '9007199254740992',
      '-1',
      '1e999',
      'Infinity',
      '0.5',
      '',
      ' ',
      '0x10',
      '1e3',
      ['1'],
    ]) {
      expect([wrong, seqInQuery(0).safeParse(wrong).success]).toEqual([wrong, false])
    }
  })
})
