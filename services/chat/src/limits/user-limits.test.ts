import { randomUUID } from 'node:crypto'
import { getConversation, getHeads, listConversations } from '@parley/contracts/conversations.ts'
import {
  getDirectHistory,
  getHistory,
  sendCommand,
  sendDirect,
  sendMessage,
} from '@parley/contracts/messages.ts'
import type { Operation } from '@parley/contracts/operation.ts'
import { advanceReceipt } from '@parley/contracts/receipts.ts'
import { getTimeline } from '@parley/contracts/timeline.ts'
import type { Person } from '@parley/contracts/users.ts'
import { type Answer, problemOf } from '@parley/testing/call-operation.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { directConversationId } from '../conversations/direct-conversation.ts'
import { startTestChat, type TestChat } from '../test-chat.ts'

describe('what one user may do', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())
  let chat: TestChat
  let people: [Person, Person]
  afterEach(() => chat.close())

  async function open(settings: Parameters<typeof startTestChat>[2]): Promise<string> {
    chat = await startTestChat(folder.path, undefined, settings)
    people = [chat.register('Alice'), chat.register('Bob')]
    return directConversationId(people[0].id, people[1].id)
  }
  const says = (answer: Answer) => [answer.status, answer.status < 300 ? undefined : problemOf(answer).code]
  const direct = (text: string, clientId: string = randomUUID(), [from, to] = people) =>
    chat.call(sendDirect, from, {
      body: { sender: from.id, receiver: to.id, messageDetails: { text }, clientId },
    })

  it('is so many messages at once, by whichever way, and says when to come back', async () => {
    const id = await open({ SENDS_PER_SECOND: 1, SENDS_BURST: 3 })
    const [alice, bob] = people
    expect(says(await direct('one'))).toEqual([201, undefined])
    const body = { clientId: randomUUID(), text: 'two' }
    expect(says(await chat.call(sendMessage, alice, { params: { id }, body }))).toEqual([201, undefined])
    const command = { to: bob.id, clientId: randomUUID(), text: 'three' }
    expect(says(await chat.call(sendCommand, alice, { body: command }))).toEqual([201, undefined])

    const refused = await direct('four')
    expect(says(refused)).toEqual([429, 'rate-limited'])
    expect(refused.headers.get('retry-after')).toBe('1')
    const caller = {
      userId: alice.id,
      sessionId: randomUUID(),
      token: 'of the socket',
      issuedAt: 0,
      expiresAt: Infinity,
    }
    await expect(chat.chat.sendMessage(caller, { ...command, clientId: randomUUID() })).rejects.toMatchObject(
      { code: 'rate-limited', details: { retryAfterSeconds: 1 } },
    )
    // Nobody else is refused, and nothing else.
    expect(says(await direct('mine', randomUUID(), [bob, alice]))).toEqual([201, undefined])
    expect(says(await chat.call(getHistory, alice, { params: { id } }))).toEqual([200, undefined])
    expect((await chat.stores.timeline.heads([id])).get(id)).toBe(4)
  })

  it('is so many questions at once, of all kinds together', async () => {
    const id = await open({ READS_PER_SECOND: 1, READS_BURST: 7 })
    const [alice, bob] = people
    await direct('hello')
    const questions: [Operation, Parameters<TestChat['call']>[2]][] = [
      [getDirectHistory, { params: { senderId: alice.id, receiverId: bob.id } }],
      [getHistory, { params: { id } }],
      [getTimeline, { params: { id } }],
      [listConversations, {}],
      [getConversation, { params: { id } }],
      [getHeads, {}],
      [advanceReceipt, { params: { id }, body: { read: 1 } }],
    ]
    const ask = () => Promise.all(questions.map(([operation, request]) => chat.call(operation, bob, request)))
    expect((await ask()).map(says)).toEqual(questions.map(() => [200, undefined]))
    const refused = await ask()
    expect(refused.map(says)).toEqual(questions.map(() => [429, 'rate-limited']))
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(questions.map(() => '1'))
    // Sending goes on.
    expect(says(await direct('and on', randomUUID(), [bob, alice]))).toEqual([201, undefined])
  })

  it('is fewer questions where the answers are long, which are paid for afterwards', async () => {
    const id = await open({ READS_PER_SECOND: 1, READS_BURST: 10 })
    const [alice, bob] = people
    // Some 60 kB in UTF-8.
    for (let time = 0; time < 5; time += 1) await direct('漢'.repeat(4_000))
    const read = (person: Person) => chat.call(getHistory, person, { params: { id } })
    for (let time = 0; time < 3; time += 1) expect(says(await read(bob))).toEqual([200, undefined])
    const refused = await read(bob)
    expect(says(refused)).toEqual([429, 'rate-limited'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1)
    expect(says(await read(alice))).toEqual([200, undefined])
  })

  it('is so many bytes an hour, however few messages they are', async () => {
    await open({ SEND_BYTES_PER_HOUR: 65_536 })
    // Of three bytes each in UTF-8.
    const text = '漢'.repeat(4_000)
    const answers: Answer[] = []
    for (let time = 0; time < 6; time += 1) answers.push(await direct(text))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429])
    expect(says(answers[5]!)).toEqual([429, 'quota-used-up'])
    // 65,536 bytes come in an hour, and a few thousand are missing.
    const seconds = Number(answers[5]!.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(400)
    expect(seconds).toBeLessThan(700)
    expect(says(await direct('short'))).toEqual([201, undefined])
  })
})
