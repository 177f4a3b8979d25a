import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Conversation } from '@parley/contracts/conversations.ts'
import { directConversation } from '@parley/chat/conversations/direct-conversation.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import type { ChatStores } from '@parley/chat/stores.ts'
import { createTimeline, type Timeline } from '@parley/chat/timeline/timeline.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'

const overloaded = expect.objectContaining({ code: 'overloaded', details: { retryAfterSeconds: 1 } }) as Error

/** A database that takes its time: what waits for it in memory is bounded, in number and in time. */
describe('a slow database', () => {
  const folder = createTemporaryFolder()
  let stores: ChatStores
  let conversation: Conversation
  /** Writes wait for it. */
  let gate: PromiseWithResolvers<void>
  let writing: PromiseWithResolvers<void>

  beforeEach(async () => {
    stores = openSqliteChatStores(join(folder.path, `${randomUUID()}.sqlite`))
    conversation = directConversation(randomUUID(), randomUUID())
    await stores.conversations.create(conversation)
    gate = Promise.withResolvers()
    writing = Promise.withResolvers()
  })
  afterEach(() => stores.close())
  afterAll(() => folder.remove())

  function slowTimeline(bounds: { maxWaiting?: number; maxWaitMs?: number }): Timeline {
    return createTimeline({
      store: {
        ...stores.timeline,
        async append(entries) {
          writing.resolve()
          await gate.promise
          return stores.timeline.append(entries)
        },
      },
      conversations: stores.conversations,
      onCommitted: () => undefined,
      logger: createSilentLogger(),
      ...bounds,
    })
  }
  const draft = (clientId: string) => ({
    conversation,
    senderId: conversation.memberIds[0]!,
    clientId,
    kind: 'message-created' as const,
    body: { text: clientId },
  })
  const stored = async (): Promise<[number, string][]> =>
    (await stores.timeline.after(conversation.id, 0, 100)).map(({ seq, clientId }) => [seq, clientId])

  it('keeps so many sends waiting and refuses the others, which are not stored', async () => {
    const timeline = slowTimeline({ maxWaiting: 2 })
    const first = timeline.append(draft('first'))
    await writing.promise
    const waiting = [timeline.append(draft('second')), timeline.append(draft('third'))]
    await expect(timeline.append(draft('one too many'))).rejects.toEqual(overloaded)
    gate.resolve()
    await Promise.all([first, ...waiting])
    expect(await stored()).toEqual([
      [1, 'first'],
      [2, 'second'],
      [3, 'third'],
    ])
    expect(await timeline.append(draft('one too many'))).toMatchObject({ replayed: false, entry: { seq: 4 } })
  })

  it('keeps them waiting for so long, and then answers them', async () => {
    const timeline = slowTimeline({ maxWaitMs: 30 })
    const first = timeline.append(draft('first'))
    await writing.promise
    await expect(timeline.append(draft('late'))).rejects.toEqual(overloaded)
    // What is being written is waited for: whether it counts is not known before.
    gate.resolve()
    expect(await first).toMatchObject({ replayed: false })
    await timeline.idle()
    expect(await stored()).toEqual([[1, 'first']])
  })
})
