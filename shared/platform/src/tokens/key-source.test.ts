import type { Jwk, Jwks } from '@parley/contracts/token.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import { createJwksKeySource } from './key-source.ts'

const [first, second] = [createTestIssuer().jwk, createTestIssuer().jwk]
const setOf = (...keys: Jwk[]): Promise<Jwks> => Promise.resolve({ keys })
const never = 1_000_000_000

describe('keys from a JWKS', () => {
  it('are loaded once, when the first one is asked for', async () => {
    const load = jest.fn(() => setOf(first, second))
    const keys = createJwksKeySource({ load })
    expect(load).not.toHaveBeenCalled()
    const [key, sameKey] = await Promise.all([keys.find(first.kid), keys.find(first.kid)])
    expect(key?.export({ format: 'jwk' })).toMatchObject({ x: first.x, y: first.y })
    expect(sameKey).toBe(key)
    await expect(keys.find(second.kid)).resolves.toBeDefined()
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('rotate: an unknown one loads the set again', async () => {
    const load = jest.fn(() => setOf(first, second)).mockImplementationOnce(() => setOf(first))
    const keys = createJwksKeySource({ load, cooldownMs: 0 })
    await keys.find(first.kid)
    await expect(keys.find(second.kid)).resolves.toBeDefined()
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('that left the set are not known any more', async () => {
    const load = jest.fn(() => setOf(second)).mockImplementationOnce(() => setOf(first))
    const keys = createJwksKeySource({ load, cooldownMs: 0 })
    await keys.find(first.kid)
    await keys.find(second.kid)
    await expect(keys.find(first.kid)).resolves.toBeUndefined()
  })

  it('that are made up do not turn into a flood of loads', async () => {
    const load = jest.fn(() => setOf(first))
    const keys = createJwksKeySource({ load, cooldownMs: never })
    for (let attempt = 0; attempt < 50; attempt += 1) {
      await expect(keys.find(`forged-${attempt}`)).resolves.toBeUndefined()
    }
    expect(load).toHaveBeenCalledTimes(1)
    await expect(keys.find(first.kid)).resolves.toBeDefined()
  })

  it('are loaded by one call at a time, whoever asks', async () => {
    const loaded = Promise.withResolvers<Jwks>()
    const load = jest.fn(() => loaded.promise)
    const keys = createJwksKeySource({ load, cooldownMs: 0 })
    const finding = Promise.all([keys.find(first.kid), keys.find('forged-1'), keys.find('forged-2')])
    loaded.resolve({ keys: [first] })
    await expect(finding).resolves.toEqual([expect.anything(), undefined, undefined])
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('may fail to load: whoever asks is told, and the next one tries again', async () => {
    const load = jest.fn(() => setOf(first)).mockRejectedValueOnce(new Error('ECONNREFUSED'))
    const keys = createJwksKeySource({ load, cooldownMs: never })
    const both = await Promise.allSettled([keys.find(first.kid), keys.find(first.kid)])
    expect(both).toMatchObject([
      { reason: { message: 'ECONNREFUSED' } },
      { reason: { message: 'ECONNREFUSED' } },
    ])
    await expect(keys.find(first.kid)).resolves.toBeDefined()
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('stay known while the set cannot be loaded', async () => {
    const load = jest.fn(() => setOf(first))
    const keys = createJwksKeySource({ load, cooldownMs: 0 })
    await keys.find(first.kid)
    load.mockRejectedValue(new Error('ECONNREFUSED'))
    await expect(keys.find(second.kid)).rejects.toThrow('ECONNREFUSED')
    await expect(keys.find(first.kid)).resolves.toBeDefined()
  })

  describe('grow old', () => {
    const minute = 60_000
    beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }))
    afterEach(() => jest.useRealTimers())

    it('and one that left the set is refused within a minute, without an unknown one coming', async () => {
      const load = jest.fn(() => setOf(second)).mockImplementationOnce(() => setOf(first, second))
      const keys = createJwksKeySource({ load })
      await keys.find(first.kid)
      jest.advanceTimersByTime(minute)
      expect(keys.peek(first.kid)).toBeUndefined()
      await expect(keys.find(first.kid)).resolves.toBeUndefined()
      expect(load).toHaveBeenCalledTimes(2)
    })

    it('but are good while a newer set is fetched beside, and stay the same objects', async () => {
      const load = jest.fn(() => setOf(first))
      const keys = createJwksKeySource({ load })
      const key = await keys.find(first.kid)
      jest.advanceTimersByTime(minute / 2)
      for (let asked = 0; asked < 50; asked += 1) expect(keys.peek(first.kid)).toBe(key)
      await jest.advanceTimersByTimeAsync(1)
      expect(load).toHaveBeenCalledTimes(2)
      expect(keys.peek(first.kid)).toBe(key)
      expect(load).toHaveBeenCalledTimes(2)
    })

    it('stay good while the set cannot be had, which is tried again', async () => {
      const load = jest.fn(() => setOf(second)).mockImplementationOnce(() => setOf(first))
      load.mockRejectedValueOnce(new Error('ECONNREFUSED'))
      const keys = createJwksKeySource({ load })
      await keys.find(first.kid)
      jest.advanceTimersByTime(10 * minute)
      await expect(keys.find(first.kid)).resolves.toBeDefined()
      expect(keys.peek(first.kid)).toBeDefined()
      expect(load).toHaveBeenCalledTimes(2)
      jest.advanceTimersByTime(5_000)
      expect(keys.peek(first.kid)).toBeDefined()
      await jest.advanceTimersByTimeAsync(1)
      expect(keys.peek(first.kid)).toBeUndefined()
    })

    it('and a fetch that hangs holds nobody up for longer than a second', async () => {
      const load = jest.fn(() => new Promise<Jwks>(() => {})).mockImplementationOnce(() => setOf(first))
      const keys = createJwksKeySource({ load })
      await keys.find(first.kid)
      jest.advanceTimersByTime(minute)
      const finding = keys.find(first.kid)
      await jest.advanceTimersByTimeAsync(1_000)
      await expect(finding).resolves.toBeDefined()
      jest.advanceTimersByTime(1)
      expect(keys.peek(first.kid)).toBeDefined()
      expect(load).toHaveBeenCalledTimes(2)
    })
  })

  it('that are made up are told what the last load said, until the cooldown is over', async () => {
    const load = jest.fn(() => setOf(first))
    const keys = createJwksKeySource({ load, cooldownMs: never })
    await keys.find(first.kid)
    expect(await keys.find('forged')).toBeUndefined()
    const failing = createJwksKeySource({
      load: jest
        .fn<Promise<Jwks>, []>()
        .mockImplementationOnce(() => setOf(first))
        .mockRejectedValue(new Error('ECONNREFUSED')),
      cooldownMs: 50,
    })
    await failing.find(first.kid)
    await eventually(() => expect(failing.find('forged')).rejects.toThrow('ECONNREFUSED'))
    await expect(failing.find('forged')).rejects.toThrow('ECONNREFUSED')
    await expect(failing.find(first.kid)).resolves.toBeDefined()
  })
})
