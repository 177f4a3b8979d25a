// A client of openapi-typescript and openapi-fetch: types only, nothing is checked at runtime.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from '../generated/schema.js'

const [url = '', laterUrl = ''] = process.argv.slice(2)
const api = createClient<paths>({ baseUrl: url })

async function join(firstName: string) {
  const email = `${firstName.toLowerCase()}.fetch@example.com`
  const body = { firstName, lastName: 'Fetch', email, password: 'correct horse' }
  const created = await api.POST('/users/auth/create', { body })
  assert.equal(created.response.status, 201)
  const { data } = await api.POST('/users/auth/login', { body: { email, password: body.password } })
  assert(data)
  return { id: data.user.id, headers: { authorization: `Bearer ${data.token}` } }
}

const wrong = await api.POST('/users/auth/login', { body: { email: 'nobody@example.com', password: 'x' } })
assert.equal(wrong.error?.code, 'invalid-credentials')

const [alice, bob] = [await join('Alice'), await join('Bob')]
const first = await api.POST('/chat', {
  headers: alice.headers,
  body: { sender: alice.id, receiver: bob.id, messageDetails: { text: 'Hello' }, clientId: 'first' },
})
assert(first.data)
const path = { id: first.data.conversation.id }
const second = await api.POST('/chat/conversations/{id}/messages', {
  headers: bob.headers,
  params: { path },
  body: { clientId: 'second', text: 'Hello Alice' },
})
assert.equal(second.data?.entry.seq, 2)
const third = await api.POST('/chat/messages', {
  headers: bob.headers,
  body: { to: alice.id, clientId: 'third', text: 'Are you there?' },
})
assert.equal(third.data?.entry.seq, 3)

const history = await api.GET('/chat/conversations/{id}/messages', {
  headers: alice.headers,
  params: { path, query: { limit: 2 } },
})
assert.deepEqual(
  history.data?.messages.map(({ text }) => text),
  ['Are you there?', 'Hello Alice'],
)
const timeline = await api.GET('/chat/conversations/{id}/timeline', {
  headers: alice.headers,
  params: { path, query: { after: 1 } },
})
assert.deepEqual(timeline.data?.entries.map(textOf), ['Hello Alice', 'Are you there?'])
const receipt = await api.POST('/chat/conversations/{id}/receipts', {
  headers: alice.headers,
  params: { path },
  body: { read: 3 },
})
assert.deepEqual(receipt.data, { delivered: 3, read: 3 })

/** The named branch by its kind; what is of another kind shows nothing. */
function textOf(entry: components['schemas']['TimelineEntry']): string | undefined {
  return entry.kind === 'message-created'
    ? (entry as components['schemas']['KnownEntry']).body.text
    : undefined
}

// A server of a later release.
const later = createClient<paths>({ baseUrl: laterUrl })
const changed = await later.GET('/chat/conversations/{id}/timeline', { params: { path } })
assert.deepEqual(changed.data?.entries.map(textOf), ['Hello', undefined])
const listed = await later.GET('/chat/conversations', {})
assert.equal(listed.data?.conversations[0]?.kind, 'of-a-later-release')
const refused = await later.GET('/users/me', {})
assert.equal(refused.error?.code, 'of-a-later-release')
