import { createTokenBucket } from './token-bucket.ts'

describe('token bucket', () => {
  it('gives a burst, then as many as come in', () => {
    let time = 0
    const bucket = createTokenBucket({ perSecond: 2, burst: 3, now: () => time })
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0])
    expect(bucket.take()).toBe(500)
    time += 400
    expect(bucket.take()).toBeCloseTo(100)
    time += 100
    expect(bucket.take()).toBe(0)
    expect(bucket.take()).toBe(500)
  })

  it('gives several at once, or none', () => {
    let time = 0
    const bucket = createTokenBucket({ perSecond: 10, burst: 5, now: () => time })
    expect(bucket.take(4)).toBe(0)
    expect(bucket.take(3)).toBe(200)
    expect(bucket.take(1)).toBe(0)
    time += 300
    expect(bucket.take(3)).toBe(0)
  })

  it('can be put down, also below nothing, and not up', () => {
    let time = 0
    const bucket = createTokenBucket({ perSecond: 10, burst: 5, now: () => time })
    bucket.lower(2)
    expect(bucket.take(2)).toBe(0)
    bucket.lower(4)
    expect(bucket.take()).toBe(100)
    bucket.lower(-3)
    expect(bucket.take()).toBe(400)
    time += 400
    expect(bucket.take()).toBe(0)
  })

  it('holds no more than the burst after a pause', () => {
    let time = 0
    const bucket = createTokenBucket({ perSecond: 10, burst: 2, now: () => time })
    time += 3_600_000
    expect([bucket.take(), bucket.take()]).toEqual([0, 0])
    expect(bucket.take()).toBe(100)
  })
})
