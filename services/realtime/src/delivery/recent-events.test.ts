import { createEvent } from '@parley/platform/events/create-event.ts'
import * as fc from 'fast-check'
import { createEntry } from '../testing/open-gateway.ts'
import { createRecentEvents } from './recent-events.ts'

const eventAt = (at: number) =>
  createEvent('chat.message-created.v1', {
    source: 'chat',
    subject: 'test',
    id: String(at),
    data: { entry: createEntry(1), recipientIds: [] },
  })

describe('recent events', () => {
  it('are those of a time, in order, and it is known whether some were forgotten', () => {
    const moment = fc.nat(60)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), moment, moment, moment, (most, count, from, to) => {
        let time = 0
        const recent = createRecentEvents({ most, now: () => time })
        for (; time < count; time += 1) recent.add(eventAt(time))
        const { events, all } = recent.between(from, to)
        const added = Array.from({ length: count }, (_, at) => at)
        const wanted = (at: number): boolean => at >= from && at <= to
        expect(events.map(({ id }) => Number(id))).toEqual(added.slice(-most).filter(wanted))
        if (added.slice(0, -most).some(wanted)) expect(all).toBe(false)
        if (count < most) expect(all).toBe(true)
      }),
    )
  })
})
