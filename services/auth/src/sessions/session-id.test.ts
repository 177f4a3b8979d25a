import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { beganAt } from '@parley/contracts/session-began.ts'
import { newSessionId } from './session-id.ts'

describe('the id of a session', () => {
  it('says when it began', () => {
    const at = Date.parse('2026-01-02T03:04:05.678Z')
    const id = newSessionId(at, 0)
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(beganAt(id)).toBe(at)
    expect(beganAt(newSessionId(at, at + 7))).toBe(at + 7)
    expect(newSessionId(at, 0)).not.toBe(id)
  })

  it('of the release before says so too, and any other counts as the oldest', () => {
    const before = Date.now()
    expect(beganAt(randomUUIDv7())).toBeGreaterThanOrEqual(before)
    for (const other of [randomUUID(), 'nonsense', '']) expect(beganAt(other)).toBe(0)
  })
})
