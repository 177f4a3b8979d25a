import { WebSocket } from 'ws'
import type { Stranger } from './stranger.ts'

/**
 * A socket of Socket.IO by hand, so that it can do what a client would not. Resolves when it is connected as somebody.
 * @throws when it is refused, or closed before
 */
export async function openBare(
  url: string,
  { token, address }: Stranger,
  onPacket: (packet: string) => void = () => undefined,
): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    headers: { 'x-forwarded-for': address },
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
    socket.on('message', (data: Buffer) => {
      const packet = data.toString()
      if (packet.startsWith('0')) socket.send(`40${JSON.stringify({ token })}`)
      else if (packet.startsWith('40')) resolve()
      else if (packet.startsWith('44')) reject(new Error(packet))
      else if (packet === '2') socket.send('3')
      else onPacket(packet)
    })
  }).catch((error: unknown) => {
    socket.terminate()
    throw error
  })
  socket.on('error', () => undefined)
  return socket
}
