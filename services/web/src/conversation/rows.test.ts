import { acceptedUpTo, firstUnreadRow, toRows } from './rows.ts'
import type { ShownMessage } from './shown-message.ts'

const minute = 60_000
const day = 24 * 60 * minute
const said = (senderId: string, at: number, seq = 1): ShownMessage => ({
  key: `${senderId} ${at}`,
  clientId: `${at}`,
  senderId,
  text: 'hello',
  at,
  seq,
  state: 'accepted',
})
const dayOf = (at: number): string => String(Math.floor(at / day))
const kinds = (messages: ShownMessage[], readUntil?: number) =>
  toRows(messages, { dayOf, me: 'me', readUntil }).map((row) =>
    row.kind === 'message'
      ? `${row.first ? '(' : ''}${row.message.senderId}${row.last ? ')' : ''}`
      : row.kind,
  )

describe('rows', () => {
  it('group what one person says within a few minutes', () => {
    expect(kinds([said('a', 0), said('a', minute), said('b', 2 * minute), said('b', 9 * minute)])).toEqual([
      'date',
      '(a',
      'a)',
      '(b)',
      '(b)',
    ])
  })

  it('separate days, and groups with them', () => {
    expect(kinds([said('a', day - 1), said('a', day)])).toEqual(['date', '(a)', 'date', '(a)'])
  })

  it('show once where the unread messages of others begin', () => {
    expect(kinds([said('a', 0, 1), said('me', 1, 2), said('a', 2, 3), said('a', 3, 4)], 1)).toEqual([
      'date',
      '(a)',
      '(me)',
      'unread',
      '(a',
      'a)',
    ])
    expect(kinds([said('me', 1, 2)], 1)).toEqual(['date', '(me)'])
  })

  it('show no line where what lies before it is not here', () => {
    const shown = (nextBefore: number | null) =>
      toRows([said('a', 0, 50)], { dayOf, me: 'me', readUntil: 20, nextBefore }).map(({ kind }) => kind)
    expect(shown(50)).toEqual(['date', 'message'])
    expect(shown(null)).toEqual(['date', 'unread', 'message'])
  })

  it('tell where one goes on to read', () => {
    const messages = [said('a', 0, 1), said('me', 1, 2), said('a', 2, 3), said('a', 3, 4)]
    const first = (readUntil: number, line?: number) =>
      firstUnreadRow(toRows(messages, { dayOf, me: 'me', readUntil: line }), 'me', readUntil)
    expect(first(1)).toBe(3)
    expect(first(1, 1)).toBe(3)
    expect(first(3, 1)).toBe(5)
    expect(first(4)).toBeUndefined()
    expect(first(0)).toBe(1)
  })

  it('tell up to which seq they show, whatever waits below', () => {
    const waiting = { ...said('me', 3), seq: undefined }
    const rows = toRows([said('a', 0, 1), said('me', 1, 2), waiting], { dayOf, me: 'me' })
    expect([3, 2, 1, 0].map((index) => acceptedUpTo(rows, index))).toEqual([2, 2, 1, undefined])
  })

  it('have different keys', () => {
    const rows = toRows([said('a', day), said('a', 0), said('a', day + 1)], { dayOf, me: 'me' })
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
  })
})
