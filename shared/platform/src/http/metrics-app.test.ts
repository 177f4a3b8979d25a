import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createMetrics } from '../metrics.ts'
import { listen } from './listen.ts'
import { createMetricsApp } from './metrics-app.ts'

describe('the address of metrics', () => {
  const metrics = createMetrics()
  let listening: Awaited<ReturnType<typeof listen>>
  let origin: string
  beforeAll(async () => {
    metrics.counter('parley_tests_total', 'Of this test').inc()
    listening = await listen(createMetricsApp(metrics, createSilentLogger()), { port: 0, host: '127.0.0.1' })
    origin = `http://127.0.0.1:${listening.port}`
  })
  afterAll(() => listening.close(0))

  it('has them for Prometheus, and nothing else', async () => {
    const response = await fetch(`${origin}/metrics`)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/)
    expect(response.headers.get('cache-control')).toBe('no-store')
    await expect(response.text()).resolves.toContain('parley_tests_total 1')
    expect((await fetch(`${origin}/`)).status).toBe(404)
  })

  it('writes them once for all who ask at the same time, and refuses a flood', async () => {
    const writing = Promise.withResolvers<string>()
    const write = jest.spyOn(metrics.registry, 'metrics').mockReturnValue(writing.promise)
    const arrived = Promise.withResolvers<void>()
    listening.server.on('request', () => {
      if ((asked += 1) === 10) arrived.resolve()
    })
    let asked = 0
    const asking = Array.from({ length: 10 }, () => fetch(`${origin}/metrics`))
    await arrived.promise
    expect((await fetch(`${origin}/metrics`)).status).toBe(503)
    writing.resolve('once')
    const texts = await Promise.all(asking.map(async (answer) => (await answer).text()))
    expect(new Set(texts)).toEqual(new Set(['once']))
    expect(write).toHaveBeenCalledTimes(1)
    write.mockRestore()
  })
})
