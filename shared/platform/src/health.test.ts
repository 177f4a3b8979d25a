import { createHealth } from './health.ts'

describe('readiness', () => {
  it('is there when every dependency answers', async () => {
    const health = createHealth()
    health.addCheck('database', () => undefined)
    health.addCheck('broker', () => Promise.resolve())
    await expect(health.report()).resolves.toEqual({
      ready: true,
      draining: false,
      checks: { database: 'ok', broker: 'ok' },
    })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('away')
      },
    ],
    ['rejects', () => Promise.reject(new Error('away'))],
    ['hangs', () => new Promise<void>(() => {})],
  ])('is gone when a check %s, and the others are still reported', async (_, check) => {
    const health = createHealth({ timeoutMs: 1 })
    health.addCheck('broker', check)
    health.addCheck('database', () => undefined)
    await expect(health.report()).resolves.toEqual({
      ready: false,
      draining: false,
      checks: { broker: 'failed', database: 'ok' },
    })
  })

  it('is gone for good once the process drains', async () => {
    const health = createHealth()
    health.startDraining()
    await expect(health.report()).resolves.toEqual({ ready: false, draining: true, checks: {} })
  })
})
