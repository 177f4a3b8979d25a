import { createListEnded } from './list-ended.ts'
import type { PastSession } from './session-store.ts'

const tokenMs = 900_000

describe('the list of ended sessions', () => {
  let time: number
  let past: PastSession[]
  beforeEach(() => {
    time = Date.parse('2026-01-02T03:04:05.678Z')
    past = []
  })
  const list = createListEnded({
    sessions: {
      endedAfter: async ({ endedAt, id }, limit) =>
        past
          .filter((each) => each.endedAt > endedAt || (each.endedAt === endedAt && each.id > id))
          .toSorted((a, b) => a.endedAt - b.endedAt || (a.id < b.id ? -1 : 1))
          .slice(0, limit),
    },
    tokenMs,
    now: () => time,
  })
  const idsOf = async (after?: string) => (await list(after)).ended.map(({ sessionId }) => sessionId)

  it('begins with the oldest one that a token may still be about', async () => {
    past = [
      { id: 'long ago', userId: 'alice', endedAt: time - tokenMs - 1 },
      { id: 'of late', userId: 'alice', endedAt: time - tokenMs + 1 },
    ]
    expect((await list()).ended).toEqual([
      { sessionId: 'of late', userId: 'alice', endedAt: time - tokenMs + 1, tokensUntil: time + 1 },
    ])
    // A cursor from the day before begins there, too.
    expect(await idsOf(`${time - 86_400_000}.`)).toEqual(['of late'])
  })

  it('goes on a little before it ended, since clocks differ', async () => {
    past = [{ id: 'first', userId: 'alice', endedAt: time - 60_000 }]
    const { next, more } = await list()
    expect(more).toBe(false)
    past = [...past, { id: 'second', userId: 'alice', endedAt: time - 20_000 }]
    time += 10_000
    expect(await idsOf(next)).toEqual(['second'])
  })

  it('comes page by page, however many ended in one moment', async () => {
    const ids = Array.from({ length: 4_500 }, (_, index) => String(index).padStart(5, '0'))
    past = ids.map((id) => ({ id, userId: 'alice', endedAt: time - 1_000 }))
    const heard: string[] = []
    for (let after: string | undefined, more = true; more;) {
      const page = await list(after)
      heard.push(...page.ended.map(({ sessionId }) => sessionId))
      ;({ next: after, more } = page)
    }
    expect(heard).toEqual(ids)
  })
})
