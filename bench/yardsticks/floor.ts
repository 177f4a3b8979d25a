// Yardstick F, the floor: raw Socket.IO with nothing around it. It sends when it is told to, to a room for each
// person, the payload that Parley sends. Nobody asks for it over the network, nothing is checked or stored.
//
// It is told by the process that started it: where to send from when on, on the same kind of schedule.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { Server } from 'socket.io'
import { beginOnSchedule } from '../load/on-schedule.ts'
import { createPlan } from '../load/plan.ts'
import { stampedText } from '../load/stamp.ts'
import { serveOrders } from '../load/worker.ts'
import { listen } from './listen.ts'
import type { FloorOrders } from './protocol.ts'

const http = createServer()
const io = new Server(http, {
  transports: ['websocket'],
  allowUpgrades: false,
  serveClient: false,
  perMessageDeflate: false,
})
// The token is the name of the room: verifying one is no part of the floor.
io.on('connection', (socket) => void socket.join(`user:${socket.handshake.auth['token']}`))

serveOrders<FloorOrders>(async (order) => {
  if (order.do === 'listen') return { port: await listen(http) }
  const { sending, ids, devices, conversations } = order
  const { at, sender, receiver } = createPlan(sending, conversations)
  const conversationIds = conversations.map(() => randomUUID())
  beginOnSchedule({
    at,
    mine: Array.from(at.keys()),
    startAt: sending.startAt,
    begin(index, _dueAt, onAnswered) {
      const entry: TimelineEntry = {
        id: randomUUID(),
        conversationId: conversationIds[index % conversationIds.length]!,
        seq: index + 1,
        kind: 'message-created',
        senderId: ids[sender[index]!]!,
        clientId: randomUUID(),
        at: new Date().toISOString(),
        body: { text: stampedText(sending.run, index) },
      }
      io.to(`user:${ids[receiver[index]!]!}`).emit('timeline:entry', entry)
      onAnswered()
    },
  })
  return { deliveries: receiver.reduce((sum, person) => sum + devices[person]!, 0) }
})
