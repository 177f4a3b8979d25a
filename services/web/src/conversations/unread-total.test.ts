import { signal } from '@preact/signals-core'
import { eventually } from '@parley/testing/eventually.ts'
import { createUnreadTotal, totalText } from './unread-total.ts'

describe('the count of all that is unread', () => {
  it('is what the server says, and follows what happens here', () => {
    const here = signal(4)
    const total = createUnreadTotal(here, async () => true)
    expect(total.count.value).toBe(4)
    total.take(6)
    expect(total.count.value).toBe(10)
    here.value = 6
    expect(total.count.value).toBe(12)
  })

  it('stays the same when a conversation is loaded', () => {
    const here = signal(4)
    const total = createUnreadTotal(here, async () => true)
    total.take(6)
    total.came()
    expect(total.count.value).toBe(11)
    here.value += 3
    total.loaded(3)
    expect(total.count.value).toBe(11)
  })

  it('is what is loaded here with a server that does not say it', () => {
    const total = createUnreadTotal(signal(4), async () => true)
    total.take(undefined)
    expect(total.count.value).toBe(4)
  })

  it('is asked for again when something happened meanwhile', async () => {
    const here = signal(4)
    const answers = [6, 7]
    const total = createUnreadTotal(here, async (isCurrent) => {
      const answer = answers.shift()
      if (answer === 6) here.value += 1
      if (isCurrent()) total.take(answer)
      return isCurrent()
    })
    total.look()
    total.look()
    await eventually(() => expect(total.count.value).toBe(12))
    expect(answers).toEqual([])
    total.close()
  })

  it('is not what the server says before it knows what was read here', async () => {
    const here = signal(4)
    const asked: ((beyond: number) => void)[] = []
    const total = createUnreadTotal(here, async (isCurrent) => {
      const beyond = await new Promise<number>((resolve) => asked.push(resolve))
      if (!isCurrent()) return false
      total.take(beyond)
      return true
    })
    total.take(6)
    const isCurrent = total.watch()
    expect(isCurrent()).toBe(true)

    // Asked for before it was read, and answered after the server was told.
    total.look()
    await eventually(() => expect(asked).toHaveLength(1))
    total.noted()
    here.value = 2
    expect(isCurrent()).toBe(false)
    // Asked for after it was read, and before the server was told.
    const isCurrentNow = total.watch()
    total.told()
    asked[0]?.(1)
    expect(isCurrentNow()).toBe(false)
    await eventually(() => expect(asked).toHaveLength(2))
    expect(total.count.value).toBe(8)
    asked[1]?.(7)
    await eventually(() => expect(total.count.value).toBe(9))
    total.close()
  })

  it('is not asked for before the server was told what was read here', async () => {
    jest.useFakeTimers()
    try {
      const ask = jest.fn(async () => {
        total.take(3)
        return true
      })
      const total = createUnreadTotal(signal(4), ask)
      total.noted()
      total.look()
      await jest.advanceTimersByTimeAsync(10_000)
      expect(ask).not.toHaveBeenCalled()
      total.told()
      await jest.advanceTimersByTimeAsync(10_000)
      expect(total.count.value).toBe(7)
    } finally {
      jest.useRealTimers()
    }
  })

  it('is shown as far as it is counted', () => {
    expect([totalText(9_999), totalText(10_000), totalText(10_300)]).toEqual(['9999', '9999+', '9999+'])
  })
})
