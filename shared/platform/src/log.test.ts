import { closeSync, openSync } from 'node:fs'
import { createLogger, logDestination } from './log.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { OwnError } from './own-error.ts'

describe('the log', () => {
  it('is JSON with the service, the time and what was said', () => {
    const { logger, lines } = createRecordingLogger()
    logger.info({ correlationId: 'abc' }, 'hello')
    expect(lines).toEqual([
      { level: 30, time: expect.any(String), service: 'test', correlationId: 'abc', msg: 'hello' },
    ])
    expect(new Date(String(lines[0]?.['time'])).toISOString()).toBe(lines[0]?.['time'])
  })

  it.each(['password', 'newPassword', 'token', 'refreshToken', 'authorization', 'cookie', 'auth', 'email'])(
    'holds no %s, at the top or two levels below',
    (name) => {
      const { logger, lines } = createRecordingLogger()
      const secret = { [name]: 'hunter2', kept: 'kept' }
      logger.warn(secret)
      logger.warn({ body: secret })
      logger.warn({ request: { headers: secret } })
      expect(lines).toHaveLength(3)
      expect(JSON.stringify(lines)).not.toContain('hunter2')
      expect(JSON.stringify(lines).match(/kept":"kept/g)).toHaveLength(3)
    },
  )

  it('holds no handshake, whose token is one level below', () => {
    const { logger, lines } = createRecordingLogger()
    logger.info({ auth: { token: 'hunter2' } }, 'connected')
    expect(lines).toMatchObject([{ auth: '[redacted]' }])
  })

  it('that cannot be written ends nothing, and what waits is bounded', () => {
    // Writing fails as it does on a full disk: for another reason, but everywhere.
    const descriptor = openSync(__filename, 'r')
    try {
      const logger = createLogger('test', 'info', logDestination(descriptor, { sync: true }))
      for (let line = 0; line < 3_000; line += 1) logger.info({ text: 'x'.repeat(1_000) }, 'hello')
    } finally {
      closeSync(descriptor)
    }
  })

  it('tells of an error with its cause', () => {
    const { logger, lines } = createRecordingLogger()
    logger.error({ err: new OwnError('outer', { cause: new OwnError('inner') }) }, 'failed')
    expect(lines).toMatchObject([
      { err: { message: 'outer', stack: expect.any(String), cause: { message: 'inner' } } },
    ])
  })
})
