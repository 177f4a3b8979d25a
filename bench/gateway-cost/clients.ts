// Real socket clients, in a process of their own.
import { io } from 'socket.io-client'
import type { Place } from './protocol.ts'
import { serveOrders } from './worker.ts'

let received = 0

async function connect(places: readonly Place[]): Promise<void> {
  for (const { userId, url } of places) {
    const client = io(url, { transports: ['websocket'], forceNew: true, auth: { token: userId } })
    client.on('timeline:entry', () => {
      received += 1
    })
    await new Promise<void>((resolve, reject) => {
      client.once('connect', resolve)
      client.once('connect_error', reject)
    })
  }
}

serveOrders(async (order) => {
  if (order.do === 'connect') await connect(order.places)
  return { received }
})
