import { createHttpServer, listen } from '@parley/platform/http/listen.ts'
import express from 'express'
import { addressesOf, probe } from './addresses.ts'

describe('addresses', () => {
  it.each([
    ['127.0.0.1', 'http://localhost:3000'],
    ['0.0.0.0', 'http://localhost:3000'],
    ['192.0.2.7', 'http://192.0.2.7:3000'],
    ['chat.example.com', 'http://chat.example.com:3000'],
    ['::1', 'http://[::1]:3000'],
  ])('of a server on %s are at %s', (host, api) => {
    const addresses = addressesOf(host, 3000, { host: '127.0.0.1', port: 9464 })
    expect(addresses.api).toBe(api)
    expect(Object.values(addresses).every((address) => URL.canParse(address as string))).toBe(true)
  })

  it('are probed: one that does not work is named', async () => {
    const app = express()
    app.get(['/', '/docs/'], (_request, response) => void response.send('here'))
    const listening = await listen(createHttpServer(app), { port: 0, host: '127.0.0.1' })
    const at = { host: '127.0.0.1', port: listening.port }
    await expect(probe(addressesOf(at.host, at.port, at))).rejects.toThrow(
      `http://localhost:${listening.port}/docs/asyncapi.json answers 404`,
    )
    await listening.close(0)
  })

  it('may say that the server is not ready, as on a disk that is full', async () => {
    const app = express()
    app.get('/readyz', (_request, response) => void response.status(503).json({ ready: false }))
    app.get('/metrics', (_request, response) => void response.status(500).end())
    app.use((_request, response) => void response.send('here'))
    const listening = await listen(createHttpServer(app), { port: 0, host: '127.0.0.1' })
    const at = { host: '127.0.0.1', port: listening.port }
    const addresses = addressesOf(at.host, at.port, at)
    await expect(probe(addresses)).rejects.toThrow('/metrics answers 500')
    await expect(probe({ ...addresses, metrics: addresses.front })).rejects.toThrow('does not take sockets')
    await listening.close(0)
  })
})
