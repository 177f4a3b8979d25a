import { once } from 'node:events'

export interface Addresses {
  /** The web app, or the API pages where that is not built. */
  readonly front: string
  /** The same by another origin, where there is one. */
  readonly otherFront?: string
  readonly api: string
  readonly sockets: string
  readonly apiPages: string
  readonly events: string
  readonly metrics: string
  readonly ready: string
}

/** How to reach, from this machine, what listens on a host and port, and the metrics on theirs. */
export function addressesOf(host: string, port: number, metrics: { host: string; port: number }): Addresses {
  const authority = authorityOf(host, port)
  const http = `http://${authority}`
  return {
    front: `${http}/`,
    ...(['127.0.0.1', '0.0.0.0'].includes(host) ? { otherFront: `http://127.0.0.1:${port}/` } : {}),
    api: http,
    sockets: `ws://${authority}/socket.io/`,
    apiPages: `${http}/docs/`,
    events: `${http}/docs/asyncapi.json`,
    metrics: `http://${authorityOf(metrics.host, metrics.port)}/metrics`,
    ready: `${http}/readyz`,
  }
}

function authorityOf(host: string, port: number): string {
  const name = ['127.0.0.1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** The origin at which what listens on a host and port is reached from this machine. */
export const originOf = (host: string, port: number): string =>
  new URL(`http://${authorityOf(host, port)}`).origin

/**
 * Opens every address as a newcomer would.
 * @throws Error that names the first one which does not work
 */
export async function probe({ front, sockets, apiPages, events, metrics, ready }: Addresses): Promise<void> {
  for (const address of [front, apiPages, events, metrics, ready]) {
    const response = await fetch(address)
    await response.body?.cancel()
    // Not ready is an answer, too: on a disk that is full nothing can be stored, but all that is there can be read.
    const works = response.ok || (address === ready && response.status === 503)
    if (!works) throw new Error(`${address} answers ${response.status}`)
  }
  const socket = new WebSocket(`${sockets}?EIO=4&transport=websocket`)
  const failed = once(socket, 'error').then(() => {
    throw new Error(`${sockets} does not take sockets`)
  })
  await Promise.race([once(socket, 'open'), failed])
  socket.close()
}
