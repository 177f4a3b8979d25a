import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { beganAt } from './session-began.ts'

describe('when a session began', () => {
  it('is what its id says', () => {
    const before = Date.now()
    const began = beganAt(randomUUIDv7())
    expect(began).toBeGreaterThanOrEqual(before)
    expect(began).toBeLessThanOrEqual(Date.now())
    expect(beganAt('0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11')).toBe(0x0198c5c07a5e)
  })

  it('is before everything when its id does not say', () => {
    expect(beganAt(randomUUID())).toBe(0)
  })
})
