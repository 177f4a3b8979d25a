import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { accessTokenClaims } from '@parley/contracts/token.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

interface Talker {
  readonly client: ParleyClient
  readonly id: string
  readonly texts: string[]
  session(): SavedSession
}

describe('two people with the SDK', () => {
  const folder = createTemporaryFolder()
  const password = 'a good password'
  let server: EmbeddedProcess
  let people = 0
  let open: ParleyClient[] = []

  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data'), demo: true })
  })
  afterEach(() => {
    for (const client of open) client.close()
    open = []
  })
  afterAll(async () => {
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(server.stderr()).toBe('')
    folder.remove()
  })

  async function logIn(email: string, url = server.url): Promise<Talker> {
    const client = createParleyClient({ url })
    open.push(client)
    const texts: string[] = []
    let session: SavedSession | undefined
    client.on('entry', ({ body }) => texts.push(body.text))
    client.on('session', (changed) => (session = changed))
    const { id } = await client.logIn({ email, password })
    await client.connect()
    return { client, id, texts, session: () => session! }
  }

  async function signUp(name: string, url = server.url): Promise<Talker> {
    const email = `${name}-${(people += 1)}@example.com`
    await createParleyClient({ url }).register({ firstName: name, lastName: 'Test', email, password })
    return logIn(email, url)
  }

  it('talk: each sees every message once, in order, their own included', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')]
    const { conversationId } = await alice.client.send({ to: bob.id, text: 'hello' })
    await bob.client.send({ conversationId, text: 'hi' })
    await Promise.all(['one', 'two', 'three'].map((text) => alice.client.send({ conversationId, text })))
    const expected = ['hello', 'hi', 'one', 'two', 'three']
    await eventually(() => expect([alice.texts, bob.texts]).toEqual([expected, expected]))
  })

  it('get what was said while they were away, before what comes next', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')]
    const { conversationId } = await alice.client.send({ to: bob.id, text: '0' })
    await eventually(() => expect(bob.texts).toEqual(['0']))
    bob.client.disconnect()
    for (let index = 1; index <= 250; index += 1)
      await alice.client.send({ conversationId, text: String(index) })
    await bob.client.connect()
    expect(bob.texts).toEqual(Array.from({ length: 251 }, (_, index) => String(index)))
  })

  it('send while they are away, and are heard once', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')]
    alice.client.disconnect()
    const sent: TimelineEntry[] = []
    for (const clientId of ['same', 'same'])
      sent.push(await alice.client.send({ to: bob.id, text: 'once', clientId }))
    expect(sent[1]).toEqual(sent[0])
    await eventually(() => expect(bob.texts).toEqual(['once']))
  })

  it('see who is online, who types, and how far the other one got', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')]
    const seen: unknown[] = []
    alice.client.on('presence', ({ online }) => seen.push({ online }))
    alice.client.on('typing', ({ typing, userId }) => seen.push({ typing, userId }))
    alice.client.on('receipt', ({ userId, delivered, read }) => {
      if (userId === bob.id) seen.push({ delivered, read })
    })
    const { conversationId, seq } = await alice.client.send({ to: bob.id, text: 'hello' })
    await eventually(() => expect(seen).toContainEqual({ delivered: seq, read: 0 }))
    await bob.client.receipts.advance(conversationId, { read: seq })
    await eventually(() => expect(seen).toContainEqual({ delivered: seq, read: seq }))

    alice.client.presence.watch([bob.id])
    await eventually(() => expect(seen).toContainEqual({ online: true }))
    bob.client.typing(conversationId, true)
    await eventually(() => expect(seen).toContainEqual({ typing: true, userId: bob.id }))
    bob.client.disconnect()
    await eventually(() => expect(seen).toContainEqual({ online: false }))
  })

  it('find each other, and find their conversations and history again', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Roberta')]
    const { users } = await alice.client.users.search('robert', {})
    expect(users).toContainEqual({ id: bob.id, firstName: 'Roberta', lastName: 'Test' })
    const { conversationId } = await alice.client.send({ to: bob.id, text: 'hello' })
    const { conversations } = await bob.client.conversations.list()
    expect(conversations).toMatchObject([{ id: conversationId, unread: 1, lastMessage: { text: 'hello' } }])
    const { messages } = await bob.client.conversations.history(conversationId)
    expect(messages).toMatchObject([{ text: 'hello', senderId: alice.id }])
  })

  it('log out: the sockets of that session are closed, and no other ones', async () => {
    const here = await signUp('Twice')
    const elsewhere = await logIn(here.client.user!.email)
    const twin = createParleyClient({ url: server.url })
    open.push(twin)
    const ended: unknown[] = []
    twin.on('session-ended', (end) => ended.push(end))
    elsewhere.client.on('session-ended', (end) => ended.push(end))

    twin.resume(here.session())
    await twin.connect()
    await here.client.logOut()
    await eventually(() => expect(twin.state).toBe('offline'))
    expect(ended).toEqual([{ reason: 'logout' }])
    await elsewhere.client.send({ to: (await signUp('Other')).id, text: 'still here' })
    expect([here.client.state, elsewhere.client.state]).toEqual(['offline', 'live'])
  })

  it('stay connected when their access tokens expire', async () => {
    const brief = await startEmbedded({
      dataFolder: join(folder.path, 'brief'),
      // Refreshed after 12 seconds, which leaves a busy machine some time.
      env: { ACCESS_TOKEN_SECONDS: '15' },
    })
    try {
      const [alice, bob] = [await signUp('Alice', brief.url), await signUp('Bob', brief.url)]
      const states: string[] = []
      bob.client.on('state', (state) => states.push(state))
      const first = bob.session().token
      const { exp } = accessTokenClaims.parse(
        JSON.parse(Buffer.from(first.split('.')[1]!, 'base64url').toString()),
      )
      await eventually(() => expect(Date.now()).toBeGreaterThan(exp * 1_000), 20_000)
      expect(bob.session().token).not.toBe(first)
      await alice.client.send({ to: bob.id, text: 'hello' })
      await eventually(() => expect(bob.texts).toEqual(['hello']))
      expect(states).toEqual([])
    } finally {
      await brief.end('SIGTERM')
    }
  })

  it('talk as the README shows', async () => {
    const example = readFileSync('examples/two-people.ts', 'utf8')
    expect(readFileSync('README.md', 'utf8')).toContain(example.trim())
    const { stdout } = await promisify(execFile)(process.execPath, ['examples/two-people.ts', server.url])
    expect(stdout.trim().split('\n').at(0)).toMatch(/^\d+: Hello Bob 👋$/)
  })
})
