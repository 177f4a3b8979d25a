import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A client that writes Engine.IO's packets by itself, and answers none. */
export interface RawSocket {
  /** Packets as they came, oldest first. */
  readonly heard: readonly string[]
  send(packet: string): void
  /** Reads nothing from now on. */
  pause(): void
  terminate(): void
  /** Resolves to the code that it was closed with. */
  readonly closed: Promise<number>
}

/** Opens a connection; with a token it resolves once that was accepted. @throws when the upgrade is refused */
export async function openRawSocket(
  url: string,
  token?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    headers,
  })
  const heard: string[] = []
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve)
  })
  const accepted = Promise.withResolvers<void>()
  socket.on('message', (data: Buffer) => {
    const packet = data.toString()
    heard.push(packet)
    if (packet.startsWith('40')) accepted.resolve()
    if (packet.startsWith('44')) accepted.reject(new Error(packet))
  })
  await once(socket, 'open')
  // From now on its end is told by `closed`.
  socket.on('error', () => undefined)
  if (token !== undefined) {
    socket.send(`40${JSON.stringify({ token })}`)
    await accepted.promise
  }
  return {
    heard,
    closed,
    send: (packet) => socket.send(packet),
    pause: () => socket.pause(),
    terminate: () => socket.terminate(),
  }
}
