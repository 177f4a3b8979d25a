// A client without the SDK: what it takes to show every message once and in order, whatever happens to the
// connection. docs/client-without-the-sdk.md explains it.
//
//   node examples/without-the-sdk.mjs [address] [e-mail] [password]
//
// It prints what is said, from the beginning, and sends the lines that are typed into the newest conversation.
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { io } from 'socket.io-client'

const [url = 'http://localhost:3000', email = 'bob@example.com', password = 'parley-demo'] =
  process.argv.slice(2)

/** What the server refuses, and would refuse again. */
class Refusal extends Error {}

async function call(path, body) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(url + path, { headers, ...request })
  if (response.ok) return response.json()
  const passes = response.status >= 500 || response.status === 429
  throw new (passes ? Error : Refusal)(`${path}: ${response.status} ${await response.text()}`)
}

let token = ''
token = (await call('/users/auth/login', { email, password })).token

// An app stores these two together with what it shows, and begins with them when it starts again.
const shownUpTo = new Map()
let cursor

/** Takes an entry from anywhere, any number of times, in any order. */
function take(entry) {
  const { conversationId, seq, kind, body } = entry
  const shown = shownUpTo.get(conversationId) ?? 0
  if (seq <= shown) return
  if (seq > shown + 1) {
    fill(conversationId, seq).catch(() => undefined)
    return
  }
  shownUpTo.set(conversationId, seq)
  // A kind that this client does not know counts for `seq`, and shows nothing.
  if (kind === 'message-created') console.log(`${seq}: ${body.text}`)
}

/** Fetches what is missing up to a head. */
async function fill(conversationId, head) {
  for (;;) {
    const after = shownUpTo.get(conversationId) ?? 0
    if (after >= head) return
    const { entries } = await call(`/chat/conversations/${conversationId}/timeline?after=${after}`)
    if (entries.length === 0) return
    entries.forEach(take)
  }
}

/** Asks what changed, and fetches it. The cursor moves when all of that is done, so nothing is ever skipped. */
async function catchUp() {
  let next = cursor
  let more = true
  while (more) {
    const page = await call(`/chat/heads${next === undefined ? '' : `?cursor=${encodeURIComponent(next)}`}`)
    for (const { conversationId, head } of page.heads) await fill(conversationId, head)
    next = page.cursor
    more = page.more
  }
  cursor = next
}

/** The same `clientId` until there is an answer: however often it comes, it is stored once. */
async function send(content) {
  const message = { ...content, clientId: randomUUID() }
  for (;;) {
    try {
      return await call('/chat/messages', message)
    } catch (error) {
      if (error instanceof Refusal) throw error
      await sleep(1_000)
    }
  }
}

const socket = io(url, { transports: ['websocket'], auth: (give) => give({ token }) })
const catchUpAtLast = () => void catchUp().catch(() => setTimeout(catchUpAtLast, 1_000))
socket.on('connect', catchUpAtLast)
socket.on('timeline:entry', take)
// A socket that looks fine may have lost something, and would never tell.
setInterval(catchUpAtLast, 30_000)
socket.on('gateway:draining', ({ reconnectInMs }) => {
  setTimeout(() => socket.disconnect().connect(), reconnectInMs)
})
// Socket.IO comes back by itself, except where the server closed the connection.
socket.on('disconnect', (reason) => {
  if (reason === 'io server disconnect') setTimeout(() => socket.connect(), 1_000)
})

for await (const text of createInterface(process.stdin)) {
  const conversationId = [...shownUpTo.keys()].at(-1)
  if (conversationId === undefined) console.log('Nobody has talked with you yet.')
  else await send({ conversationId, text })
}
