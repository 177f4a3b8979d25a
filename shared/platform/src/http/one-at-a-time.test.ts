import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from '@parley/testing/eventually.ts'
import express from 'express'
import { createHttpServer, type Listening, listen } from './listen.ts'

describe('a connection', () => {
  /** Which requests are worked on; each is until it is released. */
  const underWay = new Map<string, () => void>()
  const begun: string[] = []
  let listening: Listening
  beforeAll(async () => {
    const app = express().get('/:name', async ({ params: { name } }, response) => {
      const released = Promise.withResolvers<void>()
      underWay.set(name, released.resolve)
      begun.push(name)
      await released.promise
      response.send(name)
    })
    listening = await listen(createHttpServer(app), { port: 0, host: '127.0.0.1' })
  })
  afterEach(() => begun.splice(0))
  afterAll(() => listening.close(0))

  const get = (name: string, ...headers: readonly string[]) =>
    [`GET /${name} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')
  const names = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`)
  const open = (): Socket => connect(listening.port, '127.0.0.1')
  const requested = () => once(listening.server, 'request')

  it('is answered one request at a time, in order, however many were sent ahead', async () => {
    const socket = open()
    let heard = ''
    socket.on('data', (data) => (heard += data.toString()))
    const arrived = requested()
    socket.write(
      names(3)
        .map((name) => get(name))
        .join('') + get('last', 'Connection: close'),
    )
    await arrived
    for (const name of [...names(3), 'last']) {
      expect([...underWay.keys()]).toEqual([name])
      const next = once(socket, 'data')
      underWay.get(name)!()
      underWay.delete(name)
      await next
      // Its answer is read, and the next one handed on.
      if (name !== 'last') await eventually(() => expect(underWay.size).toBe(1))
    }
    await once(socket, 'end')
    expect(heard.split('\r\n').filter((line) => /^(\d|last)/.test(line))).toHaveLength(4)
  })

  it('is cut when it sends more ahead than anybody needs to', async () => {
    const socket = open()
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    socket.write(
      names(18)
        .map((name) => get(name))
        .join(''),
    )
    await closed
    expect(begun).toEqual(['1'])
    underWay.get('1')?.()
  })

  it('that goes away takes along what it was waiting for', async () => {
    const socket = open()
    const arrived = requested()
    socket.write(
      names(3)
        .map((name) => get(name))
        .join(''),
    )
    const [request] = (await arrived) as [{ socket: Socket }]
    socket.destroy()
    await once(request.socket, 'close')
    underWay.get('1')?.()
    await new Promise(setImmediate)
    expect(begun).toEqual(['1'])
  })
})

it('looks every second for whoever sends too slowly, and cuts whoever reads nothing for half a minute', () => {
  const server = createHttpServer(express())
  expect(server).toMatchObject({
    connectionsCheckingInterval: 1_000,
    headersTimeout: 20_000,
    requestTimeout: 30_000,
    timeout: 30_000,
  })
})
