import { join } from 'node:path'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { UnsentMessage } from '@parley/client/sending/unsent.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

describe('somebody who sends more than a user may', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  const open: ParleyClient[] = []
  beforeAll(async () => {
    const env = { SENDS_PER_SECOND: '5', SENDS_BURST: '3' }
    server = await startEmbedded({ dataFolder: join(folder.path, 'data'), env })
  })
  afterAll(async () => {
    for (const client of open) client.close()
    await server.end('SIGTERM')
    expect(server.stderr()).toBe('')
    folder.remove()
  })

  async function logIn(name: string) {
    const client = createParleyClient({ url: server.url })
    open.push(client)
    const account = { email: `${name}@example.com`, password: `the password of ${name}` }
    await client.register({ firstName: name, lastName: 'Test', ...account })
    const { id } = await client.logIn(account)
    await client.connect()
    return { client, id }
  }

  it('waits with the SDK, and all of it is accepted, once and in order', async () => {
    const [alice, bob] = [await logIn('alice'), await logIn('bob')]
    const seen: string[] = []
    bob.client.on('entry', ({ body }) => seen.push(body.text))
    const errors = new Set<UnsentMessage['lastError']>()
    alice.client.on('unsent', (unsent) => {
      for (const { lastError } of unsent) errors.add(lastError)
    })
    const texts = Array.from({ length: 8 }, (_, index) => `message ${index}`)
    const sent = await Promise.all(texts.map((text) => alice.client.send({ to: bob.id, text })))
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(errors).toEqual(new Set([undefined, 'rate-limited']))
    await eventually(() => expect(seen).toEqual(texts))
  }, 60_000)
})
