// A client of Hey API, which checks with zod whatever it sends and receives.
import assert from 'node:assert/strict'
import { createClient } from '../generated/hey/client/index.js'
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
} from '../generated/hey/sdk.gen.js'
import type { TimelineEntry } from '../generated/hey/types.gen.js'
import { zKnownEntry } from '../generated/hey/zod.gen.js'

const [url = '', laterUrl = ''] = process.argv.slice(2)
const client = createClient({ baseUrl: url })

async function join(firstName: string) {
  const email = `${firstName.toLowerCase()}.hey@example.com`
  const body = { firstName, lastName: 'Hey', email, password: 'correct horse' }
  const created = await createUser({ client, body })
  assert.equal(created.response?.status, 201)
  const { data } = await login({ client, body: { email, password: body.password }, throwOnError: true })
  return { id: data.user.id, client: createClient({ baseUrl: url, auth: data.token }) }
}

const wrong = await login({ client, body: { email: 'nobody@example.com', password: 'x' } })
assert(wrong.error && 'code' in wrong.error)
assert.equal(wrong.error.code, 'invalid-credentials')

const [alice, bob] = [await join('Alice'), await join('Bob')]
const throwOnError = true
const first = await sendDirect({
  client: alice.client,
  body: { sender: alice.id, receiver: bob.id, messageDetails: { text: 'Hello' }, clientId: 'first' },
  throwOnError,
})
const path = { id: first.data.conversation.id }
const second = await sendMessage({
  client: bob.client,
  path,
  body: { clientId: 'second', text: 'Hello Alice' },
  throwOnError,
})
assert.equal(second.data.entry.seq, 2)
const third = await sendCommand({
  client: bob.client,
  body: { to: alice.id, clientId: 'third', text: 'Are you there?' },
  throwOnError,
})
assert.equal(third.data.entry.seq, 3)

const history = await getHistory({ client: alice.client, path, query: { limit: 2 }, throwOnError })
assert.deepEqual(
  history.data.messages.map(({ text }) => text),
  ['Are you there?', 'Hello Alice'],
)
const timeline = await getTimeline({ client: alice.client, path, query: { after: 1 }, throwOnError })
assert.deepEqual(timeline.data.entries.map(textOf), ['Hello Alice', 'Are you there?'])
const receipt = await advanceReceipt({ client: alice.client, path, body: { read: 3 }, throwOnError })
assert.deepEqual(receipt.data, { delivered: 3, read: 3 })

/** The named branch, if it is one; an entry of a later kind shows nothing. */
function textOf(entry: TimelineEntry): string | undefined {
  const known = zKnownEntry.safeParse(entry)
  return known.success ? known.data.body.text : undefined
}

// What does not keep to the document is found out, so these checks do check.
const broken = createClient({
  baseUrl: url,
  fetch: async () => Response.json({ entries: [{ kind: 'message-created' }], head: 1, more: false }),
})
await assert.rejects(getTimeline({ client: broken, path, throwOnError }), { name: 'ZodError' })

// A server of a later release.
const later = createClient({ baseUrl: laterUrl })
const changed = await getTimeline({ client: later, path, throwOnError })
assert.deepEqual(changed.data.entries.map(textOf), ['Hello', undefined])
const listed = await listConversations({ client: later, throwOnError })
assert.equal(listed.data.conversations[0]?.kind, 'of-a-later-release')
const refused = await getMe({ client: later })
assert(refused.error && 'code' in refused.error)
assert.equal(refused.error.code, 'of-a-later-release')
