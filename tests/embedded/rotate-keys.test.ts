import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import { listConversations } from '@parley/contracts/conversations.ts'
import { login, loginResponse } from '@parley/contracts/sessions.ts'
import { getJwks, jwks } from '@parley/contracts/token.ts'
import { getMe } from '@parley/contracts/users.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { startEmbedded } from '../embedded-process.ts'

const patienceMs = 40_000

/** Longer than auth needs to see that its file changed. */
const settleSeconds = '6'

it('a signing key is replaced while people talk: nobody is logged out, and the old one is good for nothing', async () => {
  const folder = createTemporaryFolder()
  const dataFolder = join(folder.path, 'data')
  const server = await startEmbedded({ dataFolder, demo: true, env: { LOG_LEVEL: 'error' } })
  const [alice, bob] = [createParleyClient({ url: server.url }), createParleyClient({ url: server.url })]
  try {
    const heard: string[] = []
    const ended: unknown[] = []
    bob.on('entry', ({ body }) => heard.push(body.text))
    for (const client of [alice, bob]) client.on('session-ended', (reason) => ended.push(reason))
    const { id } = await bob.logIn({ email: 'bob@example.com', password: 'parley-demo' })
    await alice.logIn({ email: 'alice@example.com', password: 'parley-demo' })
    await Promise.all([alice.connect(), bob.connect()])
    await alice.send({ to: id, text: 'before' })

    const kids = async (): Promise<string[]> =>
      jwks.parse((await callOperation(server.url, getJwks)).body).keys.map(({ kid }) => kid)
    const [before] = await kids()
    const body = { email: 'alice@example.com', password: 'parley-demo' }
    const { token } = loginResponse.parse((await callOperation(server.url, login, { body })).body)
    const status = async (operation: Parameters<typeof callOperation>[1]) =>
      (await callOperation(server.url, operation, { token })).status

    const args = [
      'services/auth/src/rotate-keys.ts',
      '--data',
      dataFolder,
      '--leaked',
      '--settle',
      settleSeconds,
    ]
    const rotating = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    rotating.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const done = once(rotating, 'exit')
    await eventually(async () => expect(await kids()).toHaveLength(2), patienceMs)
    expect((await kids())[0]).toBe(before)
    expect([await status(getMe), await status(listConversations)]).toEqual([200, 200])
    expect(await done).toEqual([0, null])

    await eventually(async () => expect(await kids()).not.toContain(before), patienceMs)
    expect(await kids()).toHaveLength(1)
    expect([await status(getMe), await status(listConversations)]).toEqual([401, 401])
    expect(said).toContain(`${before} is removed`)
    expect(statSync(join(dataFolder, 'signing-key.pem')).mode & 0o777).toBe(0o600)

    await alice.send({ to: id, text: 'after' })
    await eventually(() => expect(heard).toEqual(expect.arrayContaining(['before', 'after'])), patienceMs)
    expect(ended).toEqual([])
    expect(server.stderr().match(/"event":"key-changed"/g)).toHaveLength(3)
  } finally {
    alice.close()
    bob.close()
    await server.end('SIGTERM')
    folder.remove()
  }
})
