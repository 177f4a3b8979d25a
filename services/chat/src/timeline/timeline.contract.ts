import { randomUUID } from 'node:crypto'
import { foldEntries } from '@parley/contracts/fold.ts'
import type { Conversation } from '@parley/contracts/conversations.ts'
import type { Message, TimelineEntry } from '@parley/contracts/timeline.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import * as fc from 'fast-check'
import { createConversationAccess } from '../conversations/conversation-access.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { directConversation } from '../conversations/direct-conversation.ts'
import { createTimelineOutbox, type TimelineOutbox } from '../outbox/timeline-outbox.ts'
import type { ChatStores } from '../stores.ts'
import { createReadTimeline } from './read-timeline.ts'
import { type Committed, createTimeline, type Timeline } from './timeline.ts'
import type { AppendOutcome, TimelineStore } from './timeline-store.ts'

/** The promises of the timeline writer, on whichever store. */
export function describeTimelineWriter(open: () => Promise<ChatStores>): void {
  describe('timeline writer', () => {
    let stores: ChatStores
    let committed: Committed[]

    beforeEach(async () => {
      stores = await open()
      committed = []
    })
    afterEach(async () => stores.close())

    /** A writer as a replica of chat has it: replicas share the store and nothing else. */
    const replica = (
      store: TimelineStore = stores.timeline,
      conversations: ConversationStore = stores.conversations,
    ): Timeline =>
      createTimeline({
        store,
        conversations,
        onCommitted: (entries) => committed.push(...entries),
        logger: createSilentLogger(),
        groupSize: 7,
      })

    /** What a sweep reads; entries of any age. */
    const openOutbox = (): TimelineOutbox =>
      createTimelineOutbox({
        timeline: stores.timeline,
        conversations: stores.conversations,
        access: createConversationAccess({ conversations: stores.conversations }),
        afterMs: -60_000,
        logger: createSilentLogger(),
      })

    async function createConversation(): Promise<Conversation> {
      const conversation = directConversation(randomUUID(), randomUUID())
      await stores.conversations.create(conversation)
      return conversation
    }
    const draft = (conversation: Conversation, text: string, clientId: string = randomUUID()) => ({
      conversation,
      senderId: conversation.memberIds[0]!,
      clientId,
      kind: 'message-created' as const,
      body: { text },
    })
    const all = (conversation: Conversation): Promise<TimelineEntry[]> =>
      stores.timeline.after(conversation.id, 0, 10_000)

    it('numbers 300 sends at once densely, in the order of the calls, on one replica', async () => {
      const timeline = replica()
      const conversation = await createConversation()
      const texts = Array.from({ length: 300 }, (_, index) => `message ${index}`)
      const results = await Promise.all(texts.map((text) => timeline.append(draft(conversation, text))))
      expect(results.map(({ entry }) => entry.seq)).toEqual(texts.map((_, index) => index + 1))
      expect((await all(conversation)).map(({ body }) => body.text)).toEqual(texts)
    })

    it('leaves entries to the sweep when their conversation could not be told of them', async () => {
      let fails = true
      const append: TimelineStore['append'] = async (entries) => {
        const { advanced: _, ...outcome } = await stores.timeline.append(entries)
        return outcome
      }
      const timeline = replica(
        { ...stores.timeline, append },
        {
          ...stores.conversations,
          advance: (changes) =>
            fails ? Promise.reject(new Error('no database')) : stores.conversations.advance(changes),
        },
      )
      const conversation = await createConversation()
      const { entry } = await timeline.append(draft(conversation, 'kept'))
      expect(committed).toEqual([])

      const outbox = openOutbox()
      expect((await outbox.pending(10)).map(({ key }) => key)).toEqual([entry.id])
      const listed = await stores.conversations.findFor(conversation.memberIds[0]!, conversation.id)
      expect(listed?.head).toBe(1)

      fails = false
      await timeline.append(draft(conversation, 'told'))
      expect(committed.map(({ entry: { seq } }) => seq)).toEqual([2])
    })

    it('moves a conversation once among changes, however often the sweep finds its entry', async () => {
      const conversation = await createConversation()
      await replica().append(draft(conversation, 'pending'))
      const outbox = openOutbox()
      const changedAt = async () =>
        (await stores.conversations.findFor(conversation.memberIds[0]!, conversation.id))?.changedAt
      const committedAt = await changedAt()
      outbox.noteTold(committed)
      expect(await outbox.pending(10)).toHaveLength(1)
      expect(await changedAt()).toBe(committedAt)

      // Of an earlier process nobody knows whether it came that far.
      const next = openOutbox()
      await next.pending(10)
      const sweptAt = await changedAt()
      expect(sweptAt).toBeGreaterThan(committedAt!)
      await next.pending(10)
      expect(await changedAt()).toBe(sweptAt)
    })

    it('does not let entries that cannot be published hide others from the sweep', async () => {
      const conversation = await createConversation()
      const lost = directConversation(randomUUID(), randomUUID())
      const timeline = replica()
      for (const text of ['1', '2', '3']) await timeline.append(draft(lost, text))
      const { entry } = await timeline.append(draft(conversation, 'behind them'))
      const outbox = openOutbox()
      const found: string[] = []
      for (let sweep = 0; sweep < 3; sweep += 1)
        found.push(...(await outbox.pending(2)).map(({ key }) => key))
      expect(found).toContain(entry.id)
    })

    it('stays dense when three replicas write into one conversation', async () => {
      const replicas = [replica(), replica(), replica()]
      const conversation = await createConversation()
      const results = await Promise.all(
        Array.from({ length: 90 }, (_, index) =>
          replicas[index % 3]!.append(draft(conversation, `message ${index}`)),
        ),
      )
      const seqs = results.map(({ entry }) => entry.seq).toSorted((a, b) => a - b)
      expect(seqs).toEqual(Array.from({ length: 90 }, (_, index) => index + 1))
      expect((await all(conversation)).map(({ seq }) => seq)).toEqual(seqs)
    })

    it('returns the first entry to every replay: in the same group, later, and on another replica', async () => {
      const conversation = await createConversation()
      const timeline = replica()
      const same = draft(conversation, 'once')
      const results = await Promise.all([
        timeline.append(same),
        timeline.append(same),
        replica().append(same),
      ])
      results.push(await timeline.append(same), await replica().append(same))

      expect(new Set(results.map(({ entry }) => entry.id)).size).toBe(1)
      expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1)
      expect(await all(conversation)).toHaveLength(1)
      expect(committed).toHaveLength(1)
    })

    it('refuses a client id with other content, in the same group and later, and stores nothing', async () => {
      const conversation = await createConversation()
      const timeline = replica()
      const first = draft(conversation, 'one thing')
      const other = { ...first, body: { text: 'another thing' } }
      const reused = expect.objectContaining({ code: 'client-id-reused' }) as ParleyError
      const [kept, refused] = await Promise.allSettled([timeline.append(first), timeline.append(other)])
      expect(kept.status).toBe('fulfilled')
      expect(refused).toEqual({ status: 'rejected', reason: reused })
      await expect(
        replica().append({ ...first, body: { text: 'one thing', replyTo: randomUUID() } }),
      ).rejects.toEqual(reused)
      expect((await all(conversation)).map(({ body }) => body)).toEqual([{ text: 'one thing' }])
    })

    it('has moved the head of the conversation when a send resolves', async () => {
      const conversation = await createConversation()
      const timeline = replica()
      await timeline.append(draft(conversation, 'one'))
      await timeline.append(draft(conversation, 'two'))
      const listed = await stores.conversations.findFor(conversation.memberIds[0]!, conversation.id)
      expect(listed?.head).toBe(2)
    })

    it('finds what a failed write had stored, refuses the rest, and takes their retries', async () => {
      const conversation = await createConversation()
      let failures = 1
      const flaky: TimelineStore = {
        ...stores.timeline,
        // Two entries reach the disk, and then the answer is lost.
        async append(entries): Promise<AppendOutcome> {
          if (failures-- <= 0) return stores.timeline.append(entries)
          await stores.timeline.append(entries.slice(0, 2))
          throw new Error('connection lost')
        },
      }
      const timeline = replica(flaky)
      const drafts = ['a', 'b', 'c'].map((text) => draft(conversation, text))
      const results = await Promise.allSettled(drafts.map((item) => timeline.append(item)))
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
      expect(results[2]).toHaveProperty('reason.code', 'unavailable')

      const retried = await Promise.all(drafts.map((item) => timeline.append(item)))
      expect(retried.map(({ entry, replayed }) => [entry.seq, replayed])).toEqual([
        [1, true],
        [2, true],
        [3, false],
      ])
    })

    it('pages that end before their limit, because they are large, lead to everything all the same', async () => {
      const timeline = replica()
      const conversation = await createConversation()
      const text = '\u{1F600}'.repeat(3_990)
      const texts = Array.from({ length: 75 }, (_, index) => `${index} ${text}`)
      await Promise.all(texts.map((one) => timeline.append(draft(conversation, one))))
      const reader = createReadTimeline({ store: stores.timeline })

      const forth: string[] = []
      let pages = 0
      for (let more = true; more; pages += 1) {
        const page = await reader.after(conversation.id, { after: forth.length, limit: 200 })
        expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(540_000)
        expect(page.head).toBe(texts.length)
        forth.push(...page.entries.map(({ body }) => body.text))
        more = page.more
      }
      expect(forth).toEqual(texts)

      const back: string[] = []
      for (let before: number | null | undefined; before !== null; pages += 1) {
        const page = await reader.history(conversation.id, { before, limit: 50 })
        expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(540_000)
        back.push(...page.messages.map(({ text: one }) => one))
        before = page.nextBefore
      }
      expect(back).toEqual(texts.toReversed())
      expect(pages).toBe(6)
    })

    it('law: any interleaving of sends, replays and reads is dense and idempotent, and snapshots fold', async () => {
      type Step =
        | { do: 'send'; conversation: number; replica: number; key: number; text: string }
        | { do: 'read'; conversation: number; replica: number }
      const index = (below: number) => fc.integer({ min: 0, max: below - 1 })
      const send = fc.record({
        do: fc.constant('send' as const),
        conversation: index(2),
        replica: index(2),
        key: index(12),
        text: fc.constantFrom('hello', 'שלום', '👋'),
      })
      const read = fc.record({ do: fc.constant('read' as const), conversation: index(2), replica: index(2) })
      const rounds = fc.array(fc.array(fc.oneof({ weight: 4, arbitrary: send }, read), { maxLength: 12 }), {
        maxLength: 5,
      })

      await fc.assert(
        fc.asyncProperty(rounds, async (steps: Step[][]) => {
          const reader = createReadTimeline({ store: stores.timeline })
          const replicas = [replica(), replica()]
          const conversations = [await createConversation(), await createConversation()]
          const accepted = new Map<string, TimelineEntry>()
          const snapshots: { conversation: Conversation; head: number; messages: Message[] }[] = []

          async function run(step: Step): Promise<void> {
            const conversation = conversations[step.conversation]!
            if (step.do === 'read') {
              const { messages } = await reader.history(conversation.id, { limit: 200, before: undefined })
              const head = messages[0]?.seq ?? 0
              expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, i) => head - i))
              snapshots.push({ conversation, head, messages })
              return
            }
            const key = `${conversation.id}/${step.key}`
            try {
              const { entry } = await replicas[step.replica]!.append(
                draft(conversation, step.text, `key-${step.key}`),
              )
              expect(entry.body.text).toBe(step.text)
              expect(accepted.get(key) ?? entry).toEqual(entry)
              accepted.set(key, entry)
            } catch (error) {
              // Only the same key with another text is refused.
              if (!(error instanceof ParleyError) || error.code !== 'client-id-reused') throw error
            }
          }
          for (const round of steps) await Promise.all(round.map(run))

          for (const conversation of conversations) {
            const { entries, head } = await reader.after(conversation.id, { after: 0, limit: 200 })
            expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, i) => i + 1))
            const mine = [...accepted.values()].filter((entry) => entry.conversationId === conversation.id)
            expect(new Set(entries)).toEqual(new Set(mine))
          }
          for (const { conversation, head, messages } of snapshots) {
            const later = await reader.after(conversation.id, { after: head, limit: 200 })
            const fresh = await reader.history(conversation.id, { limit: 200, before: undefined })
            expect(foldEntries(messages, later.entries)).toEqual(fresh.messages.toReversed())
          }
        }),
        { numRuns: 150 },
      )
    })
  })
}
