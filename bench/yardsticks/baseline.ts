// Yardstick B, the naive baseline: what a good developer writes first. One Express and Socket.IO process, with
// everything in arrays and maps; a token check with a key that was read once; the HTTP send of Parley with the same
// body and the same answer; delivery to the rooms of both people. Nothing is stored and nothing is sent twice.
// Express and Socket.IO have their default settings.
import { createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import express, { type NextFunction, type Request, type Response } from 'express'
import jwt from 'jsonwebtoken'
import { Server } from 'socket.io'
import { serveOrders } from '../load/worker.ts'
import { listen } from './listen.ts'
import type { BaselineOrders } from './protocol.ts'

interface Message {
  id: string
  conversationId: string
  seq: number
  senderId: string
  clientId: string
  at: string
  text: string
}
interface Conversation {
  id: string
  kind: 'direct'
  memberIds: string[]
  createdAt: string
}

let publicKey: KeyObject
const users = new Set<string>()
const conversations = new Map<string, { conversation: Conversation; messages: Message[] }>()

const app = express()
const http = createServer(app)
const io = new Server(http)

const userOf = (token: string): string =>
  (jwt.verify(token, publicKey, { algorithms: ['ES256'] }) as { sub: string }).sub

function authenticate(request: Request, response: Response, next: NextFunction): void {
  try {
    response.locals['userId'] = userOf(request.headers.authorization?.replace('Bearer ', '') ?? '')
  } catch {
    return void response.status(401).json({ error: 'not logged in' })
  }
  next()
}

function conversationOf(one: string, other: string) {
  const memberIds = [one, other].toSorted()
  const key = memberIds.join()
  let found = conversations.get(key)
  if (found === undefined) {
    const conversation = {
      id: randomUUID(),
      kind: 'direct',
      memberIds,
      createdAt: new Date().toISOString(),
    } as const
    conversations.set(key, (found = { conversation, messages: [] }))
  }
  return found
}

app.use(express.json())
app.post('/chat', authenticate, (request, response) => {
  const { sender, receiver, messageDetails, clientId } = request.body ?? {}
  const text: unknown = messageDetails?.text
  if (typeof text !== 'string' || text === '' || text.length > 4_000)
    return response.status(400).json({ error: 'a message has a text' })
  if (sender !== response.locals['userId']) return response.status(403).json({ error: 'this is not you' })
  if (!users.has(receiver)) return response.status(404).json({ error: 'there is nobody with this id' })

  const { conversation, messages } = conversationOf(sender, receiver)
  const message: Message = {
    id: randomUUID(),
    conversationId: conversation.id,
    seq: messages.length + 1,
    senderId: sender,
    clientId: clientId ?? randomUUID(),
    at: new Date().toISOString(),
    text,
  }
  messages.push(message)
  const { text: _, ...entry } = message
  io.to([`user:${sender}`, `user:${receiver}`]).emit('timeline:entry', {
    ...entry,
    kind: 'message-created',
    body: { text },
  })
  return response.status(201).json({ message, conversation })
})

io.use((socket, next) => {
  try {
    socket.data.userId = userOf(socket.handshake.auth['token'])
    next()
  } catch {
    next(new Error('not logged in'))
  }
})
io.on('connection', (socket) => void socket.join(`user:${socket.data.userId}`))

serveOrders<BaselineOrders>(async (order) => {
  if (order.do === 'listen') {
    publicKey = createPublicKey(order.publicKey)
    return { port: await listen(http) }
  }
  for (const id of order.ids) users.add(id)
  return {}
})
