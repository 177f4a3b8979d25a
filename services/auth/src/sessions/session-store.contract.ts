import { randomUUID } from 'node:crypto'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { AuthStores } from '../stores.ts'
import { newSessionId } from './session-id.ts'
import type { Session, SessionEnded } from './session-store.ts'

const start = Date.parse('2026-01-02T03:04:05.678Z')

const endOf = ({ id, userId }: Session, at = start): SessionEnded =>
  createEvent('users.session-ended.v1', {
    source: 'urn:parley:auth',
    subject: id,
    time: new Date(at).toISOString(),
    data: { sessionId: id, userId, reason: 'logout' },
  })

/** What every `SessionStore` must do. */
export function describeSessionStore(adapter: string, open: () => Promise<AuthStores>): void {
  describe(`SessionStore on ${adapter}`, () => {
    let stores: AuthStores
    beforeEach(async () => {
      stores = await open()
    })
    afterEach(() => stores.close())

    const add = async (differences: Partial<Session> = {}): Promise<Session> => {
      const session = {
        id: randomUUID(),
        userId: randomUUID(),
        generation: 1,
        rotatedAt: start,
        expiresAt: start + 1_000,
        endedAt: null,
        ...differences,
      }
      await stores.sessions.insert(session)
      return session
    }

    it('finds what it stored', async () => {
      const session = await add()
      expect(await stores.sessions.find(session.id)).toEqual(session)
      expect(await stores.sessions.find(randomUUID())).toBeUndefined()
    })

    it('advances once per generation, however many try at once', async () => {
      const { id } = await add()
      const times = { rotatedAt: start + 5, expiresAt: start + 9_000 }
      const tries = Array.from({ length: 10 }, () => stores.sessions.advance(id, 1, times))
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
      expect(await stores.sessions.find(id)).toMatchObject({ generation: 2, ...times })
      expect(await stores.sessions.advance(id, 1, times)).toBe(false)
      expect(await stores.sessions.advance(id, 2, times)).toBe(true)
    })

    it('does not advance a session that ended, or none', async () => {
      const session = await add()
      await stores.sessions.end([endOf(session)])
      const times = { rotatedAt: start, expiresAt: start }
      expect(await stores.sessions.advance(session.id, 1, times)).toBe(false)
      expect(await stores.sessions.advance(randomUUID(), 1, times)).toBe(false)
    })

    it('ends sessions together with their events, each once', async () => {
      const first = await add()
      const second = await add()
      const event = endOf(first, start + 7)
      expect(await stores.sessions.end([event])).toEqual([event])
      expect(await stores.sessions.find(first.id)).toMatchObject({ endedAt: start + 7 })

      const later = endOf(second, start + 9)
      expect(await stores.sessions.end([endOf(first, start + 8), later])).toEqual([later])
      expect(await stores.sessions.find(first.id)).toMatchObject({ endedAt: start + 7 })
      const pending = await stores.outbox.pending(10)
      expect(pending.map(({ event }) => event)).toEqual([event, later])
    })

    it('writes no event for a session that is not there', async () => {
      const gone = { ...(await add()), id: randomUUID() }
      expect(await stores.sessions.end([endOf(gone)])).toEqual([])
      expect(await stores.sessions.end([])).toEqual([])
      expect(await stores.outbox.pending(10)).toEqual([])
    })

    it('ends all sessions of restored data, and tells nobody', async () => {
      const [first, second] = [await add(), await add()]
      const ended = await add()
      await stores.sessions.end([endOf(ended, start + 1)])
      const pending = await stores.outbox.pending(10)
      expect(await stores.sessions.endAll(start + 5)).toBe(2)
      expect(await stores.sessions.find(first.id)).toMatchObject({ endedAt: start + 5 })
      expect(await stores.sessions.advance(second.id, 1, { rotatedAt: start, expiresAt: start })).toBe(false)
      expect(await stores.sessions.find(ended.id)).toMatchObject({ endedAt: start + 1 })
      expect(await stores.outbox.pending(10)).toEqual(pending)
    })

    it('finds the active sessions of one user', async () => {
      const userId = randomUUID()
      const active = await add({ userId })
      await add()
      await add({ userId, expiresAt: start })
      await stores.sessions.end([endOf(await add({ userId }))])
      const page = { skip: 0, limit: 10 }
      expect(await stores.sessions.findActive(userId, start, page)).toEqual([active])
    })

    it('finds them in pages, the longest unused last', async () => {
      const userId = randomUUID()
      const ids: string[] = []
      for (const age of [3, 1, 5, 2, 4]) ids[age] = (await add({ userId, expiresAt: start + 100 - age })).id
      const found = await stores.sessions.findActive(userId, start, { skip: 2, limit: 2 })
      expect(found.map(({ id }) => id)).toEqual([ids[3], ids[4]])
    })

    it('keeps from where it moved on, and that a token was handed out again', async () => {
      const { id } = await add()
      await stores.sessions.advance(id, 1, { rotatedAt: start, expiresAt: start, exchangedBy: 'here' })
      await stores.sessions.noteRepeated(id, { generation: 1, inARow: 7 })
      expect(await stores.sessions.find(id)).not.toHaveProperty('repeated')
      const repeated = { generation: 2, inARow: 1 }
      await stores.sessions.noteRepeated(id, repeated)
      expect(await stores.sessions.find(id)).toMatchObject({ exchangedBy: 'here', repeated })
    })

    it('ends one quietly, unless it has ended', async () => {
      const session = await add()
      await stores.sessions.endQuietly(session.id, start + 7)
      await stores.sessions.endQuietly(session.id, start + 8)
      expect(await stores.sessions.find(session.id)).toMatchObject({ endedAt: start + 7 })
      expect(await stores.outbox.pending(10)).toEqual([])
    })

    it('ends those of a user quietly that were used since a time and began before another', async () => {
      const userId = randomUUID()
      const of = (begun: number, differences: Partial<Session> = {}) =>
        add({ id: newSessionId(start + begun, 0), userId, rotatedAt: start + 50, ...differences })
      const first = await of(5)
      const last = await of(9)
      const others = [
        await of(10),
        await of(5, { rotatedAt: start }),
        await of(5, { userId: randomUUID() }),
        await of(5, { expiresAt: start }),
      ]
      const used = { since: start, begunBefore: start + 10 }
      await stores.sessions.endUsedQuietly(userId, used, start + 60)
      for (const { id } of [first, last]) {
        expect(await stores.sessions.find(id)).toMatchObject({ endedAt: start + 60 })
      }
      for (const { id } of others) expect(await stores.sessions.find(id)).toMatchObject({ endedAt: null })
      expect(await stores.outbox.pending(10)).toEqual([])
    })

    it('lists those that ended, by time and then by id, after the last one that was listed', async () => {
      const ids = Array.from({ length: 5 }, (_, index) => `0198c5c0-7a5e-7c44-9d0b-00000000000${index}`)
      const ended = await Promise.all(ids.map((id) => add({ id })))
      await add()
      const times = [3, 1, 2, 2, 4]
      for (const [index, session] of ended.entries()) {
        await stores.sessions.end([endOf(session, start + times[index]!)])
      }
      const inOrder = [1, 2, 3, 0, 4].map((index) => ({
        id: ids[index],
        userId: ended[index]!.userId,
        endedAt: start + times[index]!,
      }))
      const { sessions } = stores
      expect(await sessions.endedAfter({ endedAt: 0, id: '' }, 10)).toEqual(inOrder)
      expect(await sessions.endedAfter({ endedAt: start + 1, id: '' }, 2)).toEqual(inOrder.slice(0, 2))
      const [, second] = inOrder
      expect(await sessions.endedAfter({ endedAt: second!.endedAt, id: second!.id! }, 2)).toEqual(
        inOrder.slice(2, 4),
      )
      expect(await sessions.endedAfter({ endedAt: start + 4, id: ids[4]! }, 10)).toEqual([])
    })

    it('forgets expired sessions, but not what they have to tell', async () => {
      const expired = await add({ expiresAt: start })
      const active = await add({ expiresAt: start + 1 })
      const [event] = await stores.sessions.end([endOf(expired)])
      await stores.sessions.removeExpired(start + 1)
      expect(await stores.sessions.find(expired.id)).toBeUndefined()
      expect(await stores.sessions.find(active.id)).toEqual(active)
      expect(await stores.outbox.pending(10)).toEqual([{ key: event?.id, event }])
    })
  })
}
