import { randomUUID } from 'node:crypto'
import { sendCommand, sendDirect, sendMessage } from '@parley/contracts/messages.ts'
import type { Person } from '@parley/contracts/users.ts'
import { type Answer, problemOf } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { directConversationId } from '../conversations/direct-conversation.ts'
import { startTestChat, type TestChat } from '../test-chat.ts'

describe('what one user may store in all', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())
  let chat: TestChat
  let alice: Person
  let bob: Person
  let id: string
  afterEach(() => chat.close())

  /** Each message takes 500 bytes and its text. */
  async function open(bytes: number): Promise<void> {
    chat = await startTestChat(folder.path, undefined, { STORED_BYTES_PER_USER: bytes })
    alice = chat.register('Alice')
    bob = chat.register('Bob')
    id = directConversationId(alice.id, bob.id)
  }
  const send = (text: string, clientId: string = randomUUID(), from = alice, to = bob) =>
    chat.call(sendDirect, from, {
      body: { sender: from.id, receiver: to.id, messageDetails: { text }, clientId },
    })
  const says = (answer: Answer) => [answer.status, answer.status < 300 ? undefined : problemOf(answer).code]
  const full = [403, 'storage-used-up']

  it('ends for good with what is stored, by whichever way, and for nobody else', async () => {
    await open(2_000)
    // Of three bytes each in UTF-8: 800 with what a message takes besides.
    const text = '漢'.repeat(100)
    expect(says(await send(text))).toEqual([201, undefined])
    expect(says(await send(text))).toEqual([201, undefined])
    const refused = await send(text)
    expect(says(refused)).toEqual(full)
    expect(refused.headers.get('retry-after')).toBeNull()
    const body = { clientId: randomUUID(), text }
    expect(says(await chat.call(sendMessage, alice, { params: { id }, body }))).toEqual(full)
    const command = { to: bob.id, clientId: randomUUID(), text }
    expect(says(await chat.call(sendCommand, alice, { body: command }))).toEqual(full)
    const caller = { userId: alice.id, sessionId: randomUUID(), token: '', issuedAt: 0, expiresAt: Infinity }
    await expect(chat.chat.sendMessage(caller, command)).rejects.toMatchObject({ code: 'storage-used-up' })
    expect((await chat.stores.timeline.heads([id])).get(id)).toBe(2)
    const told = { event: 'quota-reached', userId: alice.id, reason: 'stored-bytes' }
    expect(chat.noted).toEqual([told, told, told, told])

    expect(says(await send(text, randomUUID(), bob, alice))).toEqual([201, undefined])
  })

  it('counts what was stored: no retry, and nothing that was refused', async () => {
    await open(1_604)
    const again = randomUUID()
    for (const status of [201, 200, 200, 200]) expect((await send('first', again)).status).toBe(status)
    expect((await send('other', again)).status).toBe(409)
    expect((await send('to nobody', randomUUID(), alice, { ...bob, id: randomUUID() })).status).toBe(404)
    expect((await send('x'.repeat(599))).status).toBe(201)
    expect(says(await send('1'))).toEqual(full)
    // What is stored is answered as before: a client whose answer was lost is to hear so.
    expect((await send('first', again)).status).toBe(200)
    await eventually(async () => expect(await chat.stores.usage.bytesOf(alice.id)).toBe(1_604))
  })

  it('begins no conversation for a message that has no room', async () => {
    await open(100)
    expect(says(await send('hello'))).toEqual(full)
    expect(await chat.stores.conversations.find(id)).toBeUndefined()
  })

  it('is as much as there is with a limit of 0', async () => {
    await open(0)
    for (const text of ['one', 'two']) expect((await send(text)).status).toBe(201)
    // It is counted all the same, for an operator who sets a limit later.
    await eventually(async () => expect(await chat.stores.usage.bytesOf(alice.id)).toBe(1_006))
  })
})
