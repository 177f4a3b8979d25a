import { once } from 'node:events'
import { connect } from 'node:net'
import express from 'express'
import { createHttpServer, ListenError, listen } from './listen.ts'

const host = '127.0.0.1'

it('names the port that is taken', async () => {
  const first = await listen(express(), { port: 0, host })
  try {
    const second = await listen(express(), { port: first.port, host }).catch((error: unknown) => error)
    expect(second).toBeInstanceOf(ListenError)
    expect(second).toMatchObject({
      code: 'EADDRINUSE',
      port: first.port,
      message: `cannot listen on port ${first.port}: EADDRINUSE`,
    })
  } finally {
    await first.close(0)
  }
})

it('serves a server that was made before', async () => {
  const server = createHttpServer(express().get('/', (_request, response) => void response.send('hello')))
  const listening = await listen(server, { port: 0, host })
  expect(listening.server).toBe(server)
  await expect((await fetch(`http://${host}:${listening.port}`)).text()).resolves.toBe('hello')
  await listening.close(0)
})

describe('closing', () => {
  it('lets a request under way finish, and takes no new connection', async () => {
    const arrived = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const app = express().get('/', async (_request, response) => {
      arrived.resolve()
      await released.promise
      response.send('finished')
    })
    const listening = await listen(app, { port: 0, host })
    const underWay = fetch(`http://${host}:${listening.port}`)
    await arrived.promise
    const closed = listening.close(1_000_000)
    await expect(fetch(`http://${host}:${listening.port}`)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    })
    released.resolve()
    await expect((await underWay).text()).resolves.toBe('finished')
    await closed
  })

  it('answers what still comes over an open connection, and says that it was the last', async () => {
    const app = express().post('/', (_request, response) => void response.send('stored'))
    const listening = await listen(app, { port: 0, host })
    const kept = connect(listening.port, host)
    const post = async (): Promise<string> => {
      kept.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n')
      const [answer] = (await once(kept, 'data')) as [Buffer]
      return answer.toString()
    }
    expect(await post()).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*Connection: keep-alive\r\n/)
    const closed = listening.close(1_000_000)
    const ended = once(kept, 'end')
    expect(await post()).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*Connection: close\r\n/)
    await ended
    await closed
  })

  it('cuts what is left after the grace', async () => {
    const arrived = Promise.withResolvers<void>()
    const app = express().get('/', () => arrived.resolve())
    const listening = await listen(app, { port: 0, host })
    const underWay = fetch(`http://${host}:${listening.port}`).catch((error: unknown) => error)
    await arrived.promise
    await listening.close(1)
    expect(await underWay).toMatchObject({ message: 'fetch failed' })
  })

  it('does not wait for connections that ask for nothing', async () => {
    const app = express().get('/', (_request, response) => void response.send('hello'))
    const listening = await listen(app, { port: 0, host })
    const idle = connect(listening.port, host)
    idle.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
    await once(idle, 'data')
    const ended = once(idle.resume(), 'end')
    await listening.close(1_000_000)
    await ended
  })
})
