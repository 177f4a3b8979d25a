import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Agent, interceptors, request } from 'undici'
import { createReplicaChoice } from './replica-choice.ts'

describe('choosing a replica', () => {
  let server: Server | undefined
  let agent: Agent | undefined
  afterEach(async () => {
    await agent?.destroy()
    server?.closeAllConnections()
    server?.close()
  })

  /** A name with two addresses, of which only 127.0.0.1 takes connections. Tells how many of so many calls failed. */
  async function failuresOf(calls: number, restMs: number): Promise<number> {
    server = createServer((_request, response) => void response.end('hello'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { connect, pick } = createReplicaChoice({ connectTimeoutMs: 1_000, restMs })
    agent = new Agent({ connect })
    const dispatcher = agent.compose(
      interceptors.dns({
        maxTTL: 60_000,
        dualStack: false,
        affinity: 4,
        pick,
        lookup: (_origin, _options, answer) =>
          answer(null, [
            { address: '127.0.0.2', family: 4, ttl: 60_000 },
            { address: '127.0.0.1', family: 4, ttl: 60_000 },
          ]),
      }),
    )
    let failures = 0
    for (let call = 0; call < calls; call += 1) {
      try {
        const { body } = await request(`http://replicas:${port}`, { dispatcher })
        expect(await body.text()).toBe('hello')
      } catch (error) {
        expect(error).toMatchObject({ code: 'ECONNREFUSED' })
        failures += 1
      }
    }
    return failures
  }

  it.each([-3_600_000, 3_600_000])('looks addresses up again when the clock is set by %d ms', (step) => {
    const { pick } = createReplicaChoice({ connectTimeoutMs: 1_000 })
    const record = { address: '127.0.0.1', family: 4, ttl: 2_000, timestamp: Date.now() - step }
    expect(pick({} as never, { records: { 4: { ips: [record] }, 6: null } } as never, 4)).toBeUndefined()
  })

  it('leaves one alone that took no connection', async () => {
    expect(await failuresOf(20, 60_000)).toBe(1)
  })

  it('tries it again after a while', async () => {
    expect(await failuresOf(20, 0)).toBe(10)
  })
})
