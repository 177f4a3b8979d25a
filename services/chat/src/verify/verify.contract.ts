import { randomUUID } from 'node:crypto'
import type { Conversation } from '@parley/contracts/conversations.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { directConversation } from '../conversations/direct-conversation.ts'
import type { MemberWatermark } from '../receipts/receipt-store.ts'
import type { ChatStores } from '../stores.ts'
import { createTimeline, type Timeline } from '../timeline/timeline.ts'
import { messageBytes } from '../usage/message-bytes.ts'
import { createUsage } from '../usage/usage.ts'
import type { ChatReader } from './chat-reader.ts'
import type { Finding } from './finding.ts'
import type { ChatData } from './open-chat-data.ts'
import { createRepairFinding } from './repair-finding.ts'
import { verifyChat, type VerifyReport } from './verify-chat.ts'

/** Writes behind the back of the stores. */
export interface Plants {
  /** Lets the store take a second entry with a seq, a client key, or (where it can be) an id. */
  dropUnique(): Promise<void>
  addEntry(entry: TimelineEntry): Promise<void>
  changeEntry(id: string, to: { senderId?: string; at?: string; body?: object; kind?: string }): Promise<void>
  breakMark(id: string): Promise<void>
  removeEntry(id: string): Promise<void>
  fold(
    conversationId: string,
    to: { head?: number; changedAt?: number; counted?: number; countedTo?: number },
  ): Promise<void>
  countOf(conversationId: string, userId: string, counted: number): Promise<void>
  setMembers(conversationId: string, memberIds: readonly string[]): Promise<void>
  removeConversation(id: string): Promise<void>
  removePerson(id: string): Promise<void>
}

export interface PlantedChat {
  readonly stores: ChatStores
  readonly data: ChatData
  readonly plants: Plants
  /** Whether the store can hold two entries with one id. */
  readonly takesEqualIds: boolean
  close(): Promise<void>
}

interface Outcome {
  readonly report: VerifyReport
  readonly findings: readonly Finding[]
}

/** The checker, on whichever database: what it finds, what it repairs, and that it finds nothing else. */
export function describeVerify(open: () => Promise<PlantedChat>): void {
  describe('verify', () => {
    let chat: PlantedChat
    let timeline: Timeline
    let conversations: Conversation[]
    let publishing: Promise<void>[]

    beforeEach(async () => {
      chat = await open()
      const { timeline: store, conversations } = chat.stores
      publishing = []
      timeline = createTimeline({
        store,
        conversations,
        onCommitted: (committed) =>
          publishing.push(store.markPublished(committed.map(({ entry }) => entry.id))),
        logger: createSilentLogger(),
      })
    })
    afterEach(() => chat.close())

    async function begin(): Promise<Conversation> {
      const { people, conversations } = chat.stores
      const [one, other] = [randomUUID(), randomUUID()]
      await Promise.all([one, other].map((id) => people.put({ id, firstName: 'A', lastName: 'B' })))
      const conversation = directConversation(one, other)
      await conversations.create(conversation)
      return conversation
    }
    const say = async (conversation: Conversation, index: number): Promise<TimelineEntry> =>
      (
        await timeline.append({
          conversation,
          senderId: conversation.memberIds[index % 2]!,
          clientId: `client-${index}`,
          kind: 'message-created',
          body: { text: `message ${index}` },
        })
      ).entry
    const advance = async (to: MemberWatermark): Promise<void> => {
      const { watermark } = await chat.stores.receipts.advance(to)
      await chat.stores.receipts.markPublished([watermark])
    }

    /** Data as chat writes it. */
    async function fill(size: { conversations: number; entries: number }): Promise<void> {
      conversations = await Promise.all(Array.from({ length: size.conversations }, begin))
      for (let index = 0; index < size.entries; index += 1) {
        await Promise.all(conversations.map((each) => say(each, index)))
      }
      await Promise.all(publishing)
      const [delivered, read] = [size.entries, Math.floor(size.entries / 2)]
      for (const { id, memberIds } of conversations.slice(1)) {
        await advance({ conversationId: id, userId: memberIds[1]!, delivered, read })
      }
    }

    async function verify({
      repair = false,
      pendingMs = 60_000,
      pageSize = 64,
      reader = chat.data.reader,
    } = {}): Promise<Outcome> {
      const { repairs } = chat.data
      const findings: Finding[] = []
      const report = await verifyChat({
        reader,
        repair: repair ? createRepairFinding({ reader, repairs: repairs! }) : undefined,
        pendingMs,
        pageSize,
        secondLookMs: 1,
        onFinding: (finding) => findings.push(finding),
      })
      expect(report.findings).toBe(findings.length)
      return { report, findings }
    }
    const at = ({ conversationId, seq, id }: TimelineEntry) => ({ conversationId, seq, entryId: id })
    const entryAt = async (conversation: Conversation, seq: number): Promise<TimelineEntry> =>
      (await chat.stores.timeline.after(conversation.id, seq - 1, 1))[0]!
    const text = expect.any(String) as string
    const inWords = { expected: text, found: text }

    /** What is found is exactly this, whatever the pages; and what repairing leaves of it. */
    async function expectFound(
      expected: readonly object[],
      { repaired, pendingMs }: { repaired: boolean; pendingMs?: number },
    ): Promise<Finding[]> {
      const options = pendingMs === undefined ? {} : { pendingMs }
      const { findings } = await verify(options)
      expect(findings).toEqual(expected.map((finding) => ({ ...inWords, ...finding })))
      expect((await verify({ ...options, pageSize: 3 })).findings).toEqual(findings)
      const { report } = await verify({ ...options, repair: true })
      expect(report.repaired).toBe(repaired ? report.findings : 0)
      // As the sweep of chat does.
      const { receipts } = chat.stores
      await receipts.markPublished(await receipts.pending(100))
      expect((await verify(options)).findings).toEqual(repaired ? [] : findings)
      return [...findings]
    }

    it('finds nothing in 4,000 entries that the timeline has written', async () => {
      await fill({ conversations: 20, entries: 200 })
      const { report } = await verify()
      expect(report).toEqual({
        checked: { entries: 4_000, 'client keys': 4_000, conversations: 20, receipts: 19, usage: 0 },
        found: {},
        findings: 0,
        repaired: 0,
      })
      expect((await verify({ pageSize: 1_000, repair: true })).report).toEqual(report)
    })

    it('finds nothing while entries, conversations and watermarks are written', async () => {
      await fill({ conversations: 5, entries: 100 })
      let written = 100
      const usage = createUsage({
        store: chat.stores.usage,
        limit: 0,
        logger: createSilentLogger(),
        everyMs: 1,
      })
      async function write(): Promise<void> {
        written += 1
        if (written % 20 === 0) conversations.push(await begin())
        const chosen = [conversations.at(-1)!, conversations[written % 5]!]
        await Promise.all(
          chosen.map(async (conversation) => {
            const { conversationId, senderId, seq, body } = await say(conversation, written)
            usage.add(senderId, messageBytes(body.text))
            await advance({ conversationId, userId: senderId, delivered: seq, read: seq })
          }),
        )
        await Promise.all(publishing.splice(0))
      }
      const reader = whileReading(chat.data.reader, write)
      for (let round = 0; round < 5; round += 1) {
        const before = written
        expect((await verify({ pageSize: 50, reader })).findings).toEqual([])
        expect(written).toBeGreaterThan(before)
      }
      await usage.close()
      const { report } = await verify({ pendingMs: 0 })
      expect(report.findings).toBe(0)
      expect(report.checked['usage']).toBeGreaterThan(10)
    })

    describe('with something planted', () => {
      beforeEach(() => fill({ conversations: 4, entries: 10 }))

      it('finds a hole, and does not fill it', async () => {
        const conversation = conversations[2]!
        for (const seq of [4, 5]) await chat.plants.removeEntry((await entryAt(conversation, seq)).id)
        const hole = { code: 'seq-hole', conversationId: conversation.id, seq: 4, expected: 'seqs 4 to 5' }
        await expectFound([hole], { repaired: false })
      })

      it('finds a hole before the first entry', async () => {
        const conversation = conversations[1]!
        await chat.plants.removeEntry((await entryAt(conversation, 1)).id)
        const hole = { code: 'seq-hole', conversationId: conversation.id, seq: 1, expected: 'seq 1' }
        await expectFound([hole], { repaired: false })
      })

      it('finds two entries with one seq, and two with one client key', async () => {
        await chat.plants.dropUnique()
        const entry = await entryAt(conversations[1]!, 4)
        const twin = { ...entry, id: randomUUID(), clientId: 'another' }
        await chat.plants.addEntry(twin)
        const again = { ...entry, id: randomUUID(), seq: 11 }
        await chat.plants.addEntry(again)
        await chat.plants.fold(entry.conversationId, { head: 11 })
        const { findings } = await verify()
        const relevant = findings.filter(({ code }) => code !== 'storage-fault')
        expect(relevant.map(({ code, conversationId, seq }) => ({ code, conversationId, seq }))).toEqual([
          { code: 'seq-duplicate', conversationId: entry.conversationId, seq: 4 },
          {
            code: 'client-key-duplicate',
            conversationId: entry.conversationId,
            seq: expect.any(Number) as number,
          },
        ])
        expect([entry.id, twin.id]).toContain(relevant[0]!.entryId)
        expect([entry.id, again.id]).toContain(relevant[1]!.entryId)
        expect(findings.length).toBeGreaterThan(relevant.length)
        // The last row of a page, and the first one of the next.
        for (const pageSize of [2, 3, 4, 5]) {
          expect((await verify({ pageSize })).report.found).toEqual({
            'storage-fault': { found: findings.length - relevant.length, repaired: 0 },
            'seq-duplicate': { found: 1, repaired: 0 },
            'client-key-duplicate': { found: 1, repaired: 0 },
          })
        }
        expect((await verify({ repair: true })).report.repaired).toBe(0)
      })

      it('finds two entries with one id, where the database takes them', async () => {
        if (!chat.takesEqualIds) {
          const refused = chat.plants.addEntry({ ...(await entryAt(conversations[1]!, 4)), seq: 11 })
          await expect(refused).rejects.toThrow()
          return
        }
        await chat.plants.dropUnique()
        const entry = await entryAt(conversations[1]!, 4)
        const twin = { ...entry, seq: 11, clientId: 'another' }
        await chat.plants.addEntry(twin)
        await chat.plants.fold(entry.conversationId, { head: 11 })
        const { findings } = await verify()
        expect(findings.filter(({ code }) => code !== 'storage-fault')).toEqual([
          { code: 'entry-id-duplicate', ...at(entry), ...inWords },
          { code: 'entry-id-duplicate', ...at(twin), ...inWords },
        ])
      })

      it('finds a stuck event, but none that is younger than it may be', async () => {
        const [conversation] = conversations
        const accepted = new Date(Date.now() - 30_000).toISOString()
        const entry: TimelineEntry = {
          ...(await entryAt(conversation!, 10)),
          id: randomUUID(),
          seq: 11,
          clientId: 'pending',
          at: accepted,
        }
        await chat.stores.timeline.append([entry])
        await chat.plants.fold(entry.conversationId, { head: 11 })
        expect((await verify({ pendingMs: 60_000 })).findings).toEqual([])
        const found = `pending since ${accepted}`
        const stuck = { code: 'event-stuck', ...at(entry), found }
        await expectFound([stuck], { repaired: false, pendingMs: 10_000 })
        await chat.stores.timeline.markPublished([entry.id])
        expect((await verify({ pendingMs: 10_000 })).findings).toEqual([])
      })

      it('finds a mark that no sweep sees, and has the event published', async () => {
        const entry = await entryAt(conversations[3]!, 7)
        await chat.plants.breakMark(entry.id)
        await expectFound([{ code: 'mark-unreadable', ...at(entry) }], { repaired: true })
        const later = new Date(Date.now() + 1_000).toISOString()
        expect((await chat.stores.timeline.pending(later, 10)).map(({ id }) => id)).toEqual([entry.id])
      })

      it.each([
        ['behind', 8],
        ['ahead', 12],
      ])('finds a head that is %s, and computes it again', async (which, head) => {
        const { id, memberIds } = conversations[2]!
        await chat.plants.fold(id, { head })
        const wrong = { code: `head-${which}`, conversationId: id, expected: 'head 10' }
        await expectFound([wrong], { repaired: true })
        expect(await chat.stores.conversations.findFor(memberIds[0]!, id)).toMatchObject({ head: 10 })
      })

      it('takes a late fold for what it is while the event is pending, and not afterwards', async () => {
        const conversation = conversations[0]!
        const entry = { ...(await entryAt(conversation, 10)), id: randomUUID(), seq: 11, clientId: 'late' }
        await chat.stores.timeline.append([{ ...entry, at: new Date().toISOString() }])
        await chat.plants.fold(conversation.id, { head: 10 })
        expect((await verify()).findings).toEqual([])
        await chat.stores.timeline.markPublished([entry.id])
        const behind = { code: 'head-behind', conversationId: conversation.id, found: 'head 10' }
        await expectFound([behind], { repaired: true })
      })

      it('says nothing of entries that were accepted under a clock an hour ahead, or behind', async () => {
        for (const hours of [1, -1]) {
          const at = new Date(Date.now() + hours * 3_600_000).toISOString()
          const last = await chat.stores.timeline.heads([conversations[0]!.id])
          const seq = last.get(conversations[0]!.id)! + 1
          const entry = {
            ...(await entryAt(conversations[0]!, 10)),
            id: randomUUID(),
            seq,
            clientId: `${hours}`,
            at,
          }
          await chat.stores.timeline.append([entry])
          await chat.stores.conversations.advance([{ conversationId: entry.conversationId, head: seq }])
          await chat.stores.timeline.markPublished([entry.id])
        }
        expect((await verify()).findings).toEqual([])
      })

      it('finds an event that is stuck with a time from far ahead', async () => {
        const at = new Date(Date.now() + 3_600_000).toISOString()
        const entry = {
          ...(await entryAt(conversations[0]!, 10)),
          id: randomUUID(),
          seq: 11,
          clientId: 'ahead',
          at,
        }
        await chat.stores.timeline.append([entry])
        await chat.plants.fold(entry.conversationId, { head: 11 })
        const stuck = {
          code: 'event-stuck',
          conversationId: entry.conversationId,
          seq: 11,
          entryId: entry.id,
        }
        await expectFound([stuck], { repaired: false, pendingMs: 10_000 })
      })

      it('finds a conversation without a place among changes, and puts it where clients see it', async () => {
        const { id, memberIds } = conversations[1]!
        const now = await chat.stores.conversations.now()
        const after = { changedAt: now - 30_000, conversationId: '' }
        await chat.plants.fold(id, { changedAt: -1 })
        await expectFound([{ code: 'changed-at-behind', conversationId: id }], { repaired: true })
        const changes = await chat.stores.conversations.changesFor(memberIds[0]!, { after, limit: 10 })
        expect(changes).toMatchObject([{ conversationId: id, head: 10 }])
      })

      it.each([
        ['more', { counted: 11 }],
        ['less', { counted: 9 }],
        ['beyond the last entry', { counted: 12, countedTo: 12 }],
      ])('finds that %s counts as unread than there is, and counts again', async (_, to) => {
        const { id, memberIds } = conversations[2]!
        await chat.plants.fold(id, to)
        await expectFound([{ code: 'unread-miscounted', conversationId: id }], { repaired: true })
        const atHead = { to: 10, others: 5 }
        for (const userId of memberIds) {
          expect(await chat.stores.conversations.findFor(userId, id)).toMatchObject({ head: 10, atHead })
        }
      })

      it('finds that a sender was miscounted, and counts again', async () => {
        const { id, memberIds } = conversations[1]!
        await chat.plants.countOf(id, memberIds[1]!, 3)
        await expectFound([{ code: 'unread-miscounted', conversationId: id }], { repaired: true })
        expect(await chat.stores.conversations.findFor(memberIds[1]!, id)).toMatchObject({
          atHead: { to: 10, others: 5 },
        })
      })

      it('takes counts of an earlier seq for what they are', async () => {
        const { id, memberIds } = conversations[2]!
        await chat.plants.fold(id, { counted: 4, countedTo: 4 })
        for (const userId of memberIds) await chat.plants.countOf(id, userId, 2)
        expect((await verify()).findings).toEqual([])
      })

      it('finds that a member has read more or less of others than there is, and counts again', async () => {
        const { id, memberIds } = conversations[2]!
        const [userId] = memberIds as [string]
        for (const wrong of [4, 2]) {
          await chat.stores.receipts.advance({ conversationId: id, userId, delivered: 6, read: 6 }, 3)
          await chat.stores.receipts.markPublished([{ conversationId: id, userId, delivered: 6, read: 6 }])
          await chat.stores.receipts.noteOthersRead({ conversationId: id, userId, read: 6, others: wrong })
          await expectFound([{ code: 'receipt-miscounted', conversationId: id, userId }], { repaired: true })
          const kept = (await chat.stores.receipts.findMany([id])).find((mark) => mark.userId === userId)
          expect(kept?.atRead).toEqual({ to: 6, others: 3 })
        }
      })

      it('finds that more is counted as stored by a user than there is, and counts again', async () => {
        const { usage } = chat.stores
        const [userId, other] = conversations[2]!.memberIds as [string, string]
        const stored = 5 * messageBytes('message 0')
        await usage.add(new Map([[userId, stored]]))
        // As after a crash, or while a chat has yet to write what it added up.
        await usage.add(new Map([[other, 100]]))
        expect((await verify()).findings).toEqual([])

        for (const wrong of [1, -stored - 1]) {
          await usage.add(new Map([[userId, wrong]]))
          await expectFound([{ code: 'usage-miscounted', userId }], { repaired: true })
          expect(await usage.bytesOf(userId)).toBe(stored)
          expect(await usage.bytesOf(other)).toBe(100)
        }
      })

      it('finds a watermark beyond the head, and sets it back', async () => {
        const { id, memberIds } = conversations[2]!
        await advance({ conversationId: id, userId: memberIds[1]!, delivered: 40, read: 7 })
        const beyond = { code: 'receipt-out-of-bounds', conversationId: id, userId: memberIds[1]! }
        await expectFound([beyond], { repaired: true })
        expect(await chat.stores.receipts.findMany([id])).toMatchObject([
          { conversationId: id, userId: memberIds[1]!, delivered: 10, read: 7 },
        ])
      })

      it('finds a watermark of somebody who is not a member, and removes it', async () => {
        const { id } = conversations[0]!
        const stranger = conversations[1]!.memberIds[0]!
        await advance({ conversationId: id, userId: stranger, delivered: 3, read: 3 })
        await expectFound([{ code: 'receipt-not-member', conversationId: id, userId: stranger }], {
          repaired: true,
        })
        expect(await chat.stores.receipts.findMany([id])).toEqual([])
      })

      it('finds a watermark without a conversation', async () => {
        const orphan = { conversationId: randomUUID(), userId: conversations[1]!.memberIds[0]! }
        await advance({ ...orphan, delivered: 0, read: 0 })
        await expectFound([{ code: 'receipt-orphan', ...orphan }], { repaired: false })
      })

      it('finds the event of a watermark that stays pending, and none that is published in time', async () => {
        const [{ id, memberIds }, other] = conversations as [Conversation, Conversation]
        const stuck = { conversationId: id, userId: memberIds[0]!, delivered: 3, read: 2 }
        await chat.stores.receipts.advance(stuck)
        const late = { conversationId: other.id, userId: other.memberIds[0]!, delivered: 5, read: 5 }
        await chat.stores.receipts.advance(late)
        const verifying = verify({ pendingMs: 1_000 })
        await chat.stores.receipts.markPublished([late])
        const { userId } = stuck
        const code = 'receipt-event-stuck'
        expect((await verifying).findings).toEqual([{ code, conversationId: id, userId, ...inWords }])
      })

      it('finds a member whom nobody knows', async () => {
        const { id, memberIds } = conversations[1]!
        await chat.plants.removePerson(memberIds[0]!)
        // The news of a person may be on its way, as long as events may.
        expect((await verify()).findings).toEqual([])
        const unknown = { code: 'member-unknown', conversationId: id, userId: memberIds[0]! }
        await expectFound([unknown], { repaired: false, pendingMs: 0 })
      })

      it('finds a direct conversation of one person, and of others than its id says', async () => {
        const [first, second] = conversations as [Conversation, Conversation]
        const one = first.memberIds[0]!
        await chat.plants.setMembers(first.id, [one, one])
        await chat.plants.setMembers(second.id, [second.memberIds[0]!, one])
        const { findings } = await verify()
        const wrong = findings.filter(({ code }) => code === 'members-wrong')
        expect(new Set(wrong.map(({ conversationId }) => conversationId))).toEqual(
          new Set([first.id, second.id]),
        )
        const sender = findings.filter(({ code }) => code === 'sender-not-member')
        expect(new Set(sender.map(({ userId }) => userId))).toEqual(
          new Set([first.memberIds[1], second.memberIds[1]]),
        )
      })

      it('finds entries without a conversation once, and restores it: its id proves of whom', async () => {
        const conversation = conversations[2]!
        await chat.plants.removeConversation(conversation.id)
        const { findings } = await verify()
        expect(findings).toMatchObject([
          { code: 'conversation-missing', ...at(await entryAt(conversation, 1)) },
          { code: 'receipt-orphan', conversationId: conversation.id },
        ])
        const { report } = await verify({ repair: true })
        expect(report).toMatchObject({ findings: 1, repaired: 1 })
        expect((await verify()).findings).toEqual([])
        const { memberIds, id } = conversation
        expect(await chat.stores.conversations.findFor(memberIds[1]!, id)).toMatchObject({
          memberIds,
          head: 10,
        })
      })

      it('restores a conversation in which only one has spoken, with whom the directory knows', async () => {
        const conversation = await begin()
        const entry = await say(conversation, 0)
        await Promise.all(publishing)
        await chat.plants.removeConversation(conversation.id)
        await expectFound([{ code: 'conversation-missing', ...at(entry) }], { repaired: true })
      })

      it('leaves entries alone whose conversation nobody can be asked about', async () => {
        const conversation = directConversation(randomUUID(), randomUUID())
        const entry = {
          ...(await entryAt(conversations[0]!, 1)),
          id: randomUUID(),
          conversationId: conversation.id,
        }
        await chat.stores.timeline.append([entry])
        await chat.stores.timeline.markPublished([entry.id])
        await expectFound([{ code: 'conversation-missing', ...at(entry) }], { repaired: false })
      })

      it('finds entries that no client could take, from strangers, and to nothing', async () => {
        const [blank, stranger, reply] = await Promise.all(
          [2, 5, 8].map((seq) => entryAt(conversations[3]!, seq)),
        )
        await chat.plants.changeEntry(blank!.id, { body: { text: '' } })
        const senderId = conversations[0]!.memberIds[0]!
        await chat.plants.changeEntry(stranger!.id, { senderId })
        await chat.plants.countOf(stranger!.conversationId, stranger!.senderId, 4)
        await chat.plants.changeEntry(reply!.id, { body: { text: 'what?', replyTo: reply!.id } })
        await expectFound(
          [
            { code: 'entry-malformed', ...at(blank!), found: 'body.text: must not be blank' },
            { code: 'sender-not-member', ...at(stranger!), userId: senderId },
            { code: 'reply-unknown', ...at(reply!) },
          ],
          { repaired: false },
        )
      })
    })
  })
}

/** Has something happen during each read, and so between any two of them. */
const whileReading = (reader: ChatReader, happen: () => Promise<void>): ChatReader =>
  Object.fromEntries(
    Object.entries(reader).map(([name, read]: [string, (...args: unknown[]) => Promise<unknown>]) => [
      name,
      async (...args: unknown[]) => (await Promise.all([read(...args), happen()]))[0],
    ]),
  ) as unknown as ChatReader
