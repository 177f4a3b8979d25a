import { createRecordingLogger, createSilentLogger } from '@parley/testing/silent-logger.ts'
import { OwnError } from './own-error.ts'
import { createShutdown } from './shutdown.ts'

const never = () => new Promise<void>(() => {})

describe('a shutdown', () => {
  it('closes in the reverse order of opening, one after the other', async () => {
    const shutdown = createShutdown({ logger: createSilentLogger(), deadlineMs: 5_000 })
    const order: string[] = []
    for (const name of ['store', 'bus', 'server']) {
      shutdown.onClose(name, async () => {
        order.push(`${name} closes`)
        await new Promise(setImmediate)
        order.push(`${name} closed`)
      })
    }
    await expect(shutdown.close('test')).resolves.toBe(true)
    expect(order).toEqual([
      'server closes',
      'server closed',
      'bus closes',
      'bus closed',
      'store closes',
      'store closed',
    ])
  })

  it('happens once, however often it is asked for', async () => {
    const shutdown = createShutdown({ logger: createSilentLogger(), deadlineMs: 5_000 })
    const close = jest.fn()
    shutdown.onClose('store', close)
    const answers = await Promise.all([shutdown.close('SIGTERM'), shutdown.close('SIGINT')])
    await shutdown.close('once more')
    expect(answers).toEqual([true, true])
    expect(close).toHaveBeenCalledTimes(1)
  })

  it.each([
    [
      'throws',
      () => {
        throw new OwnError('disk full')
      },
    ],
    ['rejects', () => Promise.reject(new OwnError('disk full'))],
  ])('goes on when a step %s, says which, and is not clean', async (_, failing) => {
    const { logger, lines } = createRecordingLogger()
    const shutdown = createShutdown({ logger, deadlineMs: 5_000 })
    const closeStore = jest.fn()
    shutdown.onClose('store', closeStore)
    shutdown.onClose('server', failing)
    await expect(shutdown.close('test')).resolves.toBe(false)
    expect(closeStore).toHaveBeenCalledTimes(1)
    expect(lines).toContainEqual(
      expect.objectContaining({
        msg: 'closing failed',
        step: 'server',
        err: expect.objectContaining({ message: 'disk full' }),
      }),
    )
  })

  it('gives up at its deadline', async () => {
    const { logger, lines } = createRecordingLogger()
    const shutdown = createShutdown({ logger, deadlineMs: 1 })
    const closeStore = jest.fn()
    shutdown.onClose('store', closeStore)
    shutdown.onClose('server', never)
    await expect(shutdown.close('test')).resolves.toBe(false)
    expect(closeStore).not.toHaveBeenCalled()
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'shutdown passed its deadline' }))
  })
})
