import { createRecordingLogger, createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createLogger } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createSecurityLog, type SecurityFields } from './security-log.ts'

describe('the security log', () => {
  it('is lines of a stream of its own, and a counter that begins with 0', async () => {
    const { logger, lines } = createRecordingLogger()
    const metrics = createMetrics()
    const security = createSecurityLog({ logger, metrics })
    security.note('login-failed', { userId: 'u1', network: '203.0.113.7', reason: 'wrong-password' })
    expect(lines).toMatchObject([
      {
        stream: 'security',
        service: 'test',
        event: 'login-failed',
        userId: 'u1',
        network: '203.0.113.7',
        reason: 'wrong-password',
      },
    ])
    const text = await metrics.registry.metrics()
    expect(text).toContain('parley_security_events_total{event="login-failed"} 1')
    expect(text).toContain('parley_security_events_total{event="refresh-reused"} 0')
  })

  it('says nothing that is not in its list, and nothing long', () => {
    const { logger, lines } = createRecordingLogger()
    const security = createSecurityLog({ logger, metrics: createMetrics() })
    const about = { reason: 'x'.repeat(10_000), email: 'a@example.com', token: 'hunter2' } as SecurityFields
    security.note('refresh-reused', about)
    expect(Object.keys(lines[0]!).toSorted()).toEqual(
      ['event', 'level', 'msg', 'reason', 'service', 'stream', 'time'].toSorted(),
    )
    expect(lines[0]!['reason']).toHaveLength(100)
  })

  it('is heard whatever the level of the log, but not in a silent one', () => {
    const lines: string[] = []
    const destination = { write: (line: string): void => void lines.push(line) }
    const metrics = createMetrics()
    createSecurityLog({ logger: createLogger('test', 'error', destination), metrics }).note('key-changed')
    expect(lines).toHaveLength(1)
    createSecurityLog({ logger: createSilentLogger(), metrics }).note('key-changed')
    createSecurityLog({ logger: createLogger('test', 'silent', destination), metrics }).note('key-changed')
    expect(lines).toHaveLength(1)
  })

  it('counts in one place, however often it is made in a process', async () => {
    const metrics = createMetrics()
    const logger = createSilentLogger()
    createSecurityLog({ logger, metrics }).note('key-changed')
    createSecurityLog({ logger, metrics }).note('key-changed')
    expect(await metrics.registry.metrics()).toContain('{event="key-changed"} 2')
  })

  it('writes a bounded number of lines a minute of each event, and says how many it left out', async () => {
    const { logger, lines } = createRecordingLogger()
    const metrics = createMetrics()
    let at = 0
    const security = createSecurityLog({ logger, metrics, now: () => at })
    for (let attempt = 0; attempt < 1_000; attempt += 1) security.note('login-failed')
    expect(lines).toHaveLength(120)
    security.note('refresh-reused')
    expect(lines).toHaveLength(121)
    at = 60_000
    security.note('login-failed')
    expect(lines.slice(121)).toMatchObject([
      { event: 'login-failed', leftOut: 880 },
      { event: 'login-failed' },
    ])
    expect(await metrics.registry.metrics()).toContain('{event="login-failed"} 1001')
  })
})
