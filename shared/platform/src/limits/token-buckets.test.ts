import { createTokenBuckets } from './token-buckets.ts'

describe('token buckets', () => {
  it('count each key by itself', () => {
    const buckets = createTokenBuckets({ perSecond: 2, burst: 1, now: () => 0 })
    expect([buckets.take('alice'), buckets.take('bob')]).toEqual([0, 0])
    expect(buckets.take('alice')).toBe(500)
  })

  it('give what costs more than ever fits once they are full', () => {
    let time = 0
    const buckets = createTokenBuckets({ perSecond: 10, burst: 5, now: () => time })
    expect(buckets.take('alice', 50)).toBe(0)
    expect(buckets.take('alice', 50)).toBe(500)
    time += 500
    expect(buckets.take('alice', 50)).toBe(0)
  })

  it('forget whoever was not asked for longest', () => {
    const buckets = createTokenBuckets({ perSecond: 1, burst: 1, most: 2, now: () => 0 })
    for (const key of ['alice', 'bob', 'carol']) buckets.take(key)
    expect([buckets.take('carol'), buckets.take('alice')]).toEqual([1_000, 0])
  })
})
