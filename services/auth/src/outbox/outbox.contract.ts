import type { Event } from '@parley/contracts/events.ts'
import type { AuthStores } from '../stores.ts'
import { exampleUser } from '../users/example-user.ts'

/** What every auth service's `Outbox` must do. Events get into it with the changes that they tell of. */
export function describeAuthOutbox(adapter: string, open: () => Promise<AuthStores>): void {
  describe(`Outbox of auth on ${adapter}`, () => {
    let stores: AuthStores
    let events: Event[]
    beforeEach(async () => {
      stores = await open()
      events = []
      for (let count = 0; count < 5; count += 1) {
        const [user, event] = exampleUser({ createdAt: `2026-01-02T03:04:0${count}.000Z` })
        await stores.users.insert(user, event)
        events.push(event)
      }
    })
    afterEach(() => stores.close())

    const pending = async (limit = 100): Promise<Event[]> =>
      (await stores.outbox.pending(limit)).map(({ event }) => event)

    it('hands out whole events under their ids, the oldest first', async () => {
      expect(await stores.outbox.pending(100)).toEqual(events.map((event) => ({ key: event.id, event })))
      expect(await pending(2)).toEqual(events.slice(0, 2))
    })

    it('forgets what was published, and ignores what it does not know', async () => {
      const [first, second, third, ...others] = events
      await stores.outbox.markPublished([String(first?.id), String(third?.id), 'unknown'])
      expect(await pending()).toEqual([second, ...others])
      await stores.outbox.markPublished([])
      await stores.outbox.markPublished([String(first?.id)])
      expect(await pending()).toEqual([second, ...others])
    })
  })
}
