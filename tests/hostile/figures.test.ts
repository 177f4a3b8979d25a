import type { Acked, Life } from '../traffic/protocol.ts'
import { deliveriesOf, sendsOf, waitsOf } from './figures.ts'

describe('what honest people waited', () => {
  const calm = { from: 0, to: 100 }
  const hostile = { from: 100, to: 200 }

  it('is compared by when they began, with whoever was answered much later', () => {
    const samples = [
      { at: 10, ms: 5 },
      { at: 99, ms: 10 },
      { at: 100, ms: 500 },
      { at: 200, ms: 9_999 },
    ]
    expect(waitsOf(samples, calm, hostile)).toMatchObject({
      calm: { count: 2, p99: 10 },
      hostile: { count: 1, p99: 500 },
      ratio: 50,
    })
  })

  it('has no ratio where nobody waited', () => {
    expect(waitsOf([{ at: 10, ms: 5 }], calm, hostile).ratio).toBeUndefined()
  })

  it('counts less than a millisecond as one', () => {
    const samples = [
      { at: 10, ms: 0 },
      { at: 110, ms: 3 },
    ]
    expect(waitsOf(samples, calm, hostile).ratio).toBe(3)
  })

  it('is from the first try on, to the acknowledgement and to each other person', () => {
    const entry = { id: 'e', senderId: 'alice' } as Acked
    const acked = [
      { ...entry, sentAt: 30, ackedAt: 40 },
      { ...entry, sentAt: 10, ackedAt: 60 },
    ]
    const lives = [
      { userId: 'alice', heardAt: { e: 45 } },
      { userId: 'bob', heardAt: { e: 50, unknown: 60 } },
    ] as unknown as Life[]
    expect(sendsOf(acked)).toEqual([
      { at: 30, ms: 10 },
      { at: 10, ms: 50 },
    ])
    expect(deliveriesOf(acked, lives)).toEqual([{ at: 10, ms: 40 }])
  })
})
