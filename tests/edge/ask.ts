import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of the connection, when it is one with TLS. */
  readonly tlsProtocol: string | null
}

interface Options {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly tls?: boolean
}

/** Asks with the path exactly as given, dots and all, and with any header, which `fetch` would not. */
export async function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, tls = false }: Options = {},
): Promise<Answer> {
  const request = tls ? requestTls : requestPlain
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method, headers, agent: false, rejectUnauthorized: false },
      (response: IncomingMessage) => {
        const tlsProtocol = tls ? (response.socket as TLSSocket).getProtocol() : null
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
            tlsProtocol,
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

export interface OpenSocket {
  readonly headers: IncomingHttpHeaders
  /** Sends, and resolves to what comes back. */
  echo(text: string): Promise<string>
  close(): void
}

/** Opens a websocket as far as its handshake; rejects with the status when there is none. */
export async function openSocket(port: number): Promise<OpenSocket> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const path = '/socket.io/?EIO=4&transport=websocket'
    const sent = requestPlain({ host: '127.0.0.1', port, path, headers, agent: false })
    sent.on('error', reject)
    sent.on('response', ({ statusCode }) => reject(new Error(`refused with ${statusCode}`)))
    sent.on('upgrade', (response: IncomingMessage, socket: Duplex) => {
      socket.on('error', () => socket.destroy())
      resolve({
        headers: response.headers,
        echo: (text) =>
          new Promise((heard) => {
            socket.once('data', (data: Buffer) => heard(data.toString()))
            socket.write(text)
          }),
        close: () => socket.destroy(),
      })
    })
    sent.end()
  })
}
