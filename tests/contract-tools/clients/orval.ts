// A client of Orval: functions around `fetch`, each with a type for every answer.
import assert from 'node:assert/strict'
import {
  advanceReceipt,
  createUser,
  getHistory,
  getMe,
  getTimeline,
  listConversations,
  login,
  sendCommand,
  sendDirect,
  sendMessage,
  type TimelineEntry,
} from '../generated/orval.js'

const [url = '', laterUrl = ''] = process.argv.slice(2)
let baseUrl = url
const ask = globalThis.fetch
// What Orval writes asks for paths, as a page does.
globalThis.fetch = (path, init) => ask(new URL(String(path), baseUrl), init)

async function join(firstName: string) {
  const email = `${firstName.toLowerCase()}.orval@example.com`
  const body = { firstName, lastName: 'Orval', email, password: 'correct horse' }
  const created = await createUser(body)
  assert.equal(created.status, 201)
  const entered = await login({ email, password: body.password })
  assert(entered.status === 200)
  return { id: entered.data.user.id, as: { headers: { authorization: `Bearer ${entered.data.token}` } } }
}

const wrong = await login({ email: 'nobody@example.com', password: 'x' })
assert(wrong.status === 404)
assert.equal(wrong.data.code, 'invalid-credentials')

const [alice, bob] = [await join('Alice'), await join('Bob')]
const first = await sendDirect(
  { sender: alice.id, receiver: bob.id, messageDetails: { text: 'Hello' }, clientId: 'first' },
  alice.as,
)
assert(first.status === 201)
const { id } = first.data.conversation
const second = await sendMessage(id, { clientId: 'second', text: 'Hello Alice' }, bob.as)
assert(second.status === 201)
assert.equal(second.data.entry.seq, 2)
const third = await sendCommand({ to: alice.id, clientId: 'third', text: 'Are you there?' }, bob.as)
assert(third.status === 201)
assert.equal(third.data.entry.seq, 3)

const history = await getHistory(id, { limit: 2 }, alice.as)
assert(history.status === 200)
assert.deepEqual(
  history.data.messages.map(({ text }) => text),
  ['Are you there?', 'Hello Alice'],
)
const timeline = await getTimeline(id, { after: 1 }, alice.as)
assert(timeline.status === 200)
assert.deepEqual(timeline.data.entries.map(textOf), ['Hello Alice', 'Are you there?'])
const receipt = await advanceReceipt(id, { read: 3 }, alice.as)
assert(receipt.status === 200)
assert.deepEqual(receipt.data, { delivered: 3, read: 3 })

/** What is of an unknown kind shows nothing. */
function textOf({ kind, body }: TimelineEntry): string | undefined {
  return kind === 'message-created' ? String(body.text) : undefined
}

// A server of a later release.
baseUrl = laterUrl
const changed = await getTimeline(id)
assert(changed.status === 200)
assert.deepEqual(changed.data.entries.map(textOf), ['Hello', undefined])
const listed = await listConversations()
assert(listed.status === 200)
assert.equal(listed.data.conversations[0]?.kind, 'of-a-later-release')
const refused = await getMe()
assert(refused.status === 401)
assert.equal(refused.data.code, 'of-a-later-release')
