import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

// It starts ten processes, on a machine that other suites keep busy too.
jest.setTimeout(120_000)

const password = 'correct horse battery'

/** Runs one of the commands of the embedded mode until it ends. */
async function run(command: 'backup' | 'restore', ...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [`services/standalone/src/${command}.ts`, ...args])
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

describe('backup and restore of the embedded mode', () => {
  const folder = createTemporaryFolder()
  const [data, backup] = [join(folder.path, 'data'), join(folder.path, 'backup')]
  let parley: EmbeddedProcess
  const clients: { close(): void }[] = []
  afterAll(async () => {
    for (const client of clients) client.close()
    await parley?.end('SIGTERM')
    folder.remove()
  })

  /** An app that shows what comes, and loads everything anew when it is told to. */
  function openApp(url: string) {
    const client = createParleyClient({ url, from: 'beginning', backoff: { minMs: 20, maxMs: 200 } })
    clients.push(client)
    const shown = new Map<number, string>()
    let restarts = 0
    client.on('restart', () => {
      restarts += 1
      shown.clear()
    })
    client.on('entry', ({ seq, body }) => shown.set(seq, body.text))
    const texts = () => [...shown].toSorted(([a], [b]) => a - b).map(([, text]) => text)
    return { client, texts, restarts: () => restarts }
  }

  it('shows everything that is said afterwards, and has everybody log in again', async () => {
    parley = await startEmbedded({ dataFolder: data })
    const [alice, bob] = [openApp(parley.url), openApp(parley.url)]
    const people = [alice, bob].map(({ client }, index) => ({
      client,
      email: `person-${index}@example.com`,
    }))
    for (const { client, email } of people) {
      await client.register({ firstName: 'Some', lastName: 'Body', email, password })
      await client.logIn({ email, password })
      await client.connect()
    }
    const to = bob.client.user!.id
    const { conversationId } = await alice.client.send({ to, text: '1' })
    await bob.client.send({ conversationId, text: '2' })

    const made = await run('backup', '--data', data, '--to', backup)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toContain('backed up 2 users, 1 conversation, 2 messages and the keys')
    for (const name of readdirSync(backup)) expect(statSync(join(backup, name)).mode & 0o077).toBe(0)
    expect(statSync(backup).mode & 0o077).toBe(0)
    expect((await run('backup', '--data', data, '--to', backup)).stderr).toContain('is there already')

    for (const text of ['3', '4', '5']) await alice.client.send({ conversationId, text })
    await eventually(() => expect(bob.texts()).toEqual(['1', '2', '3', '4', '5']))
    expect((await run('restore', '--data', data, '--from', backup)).stderr).toContain('in use')

    const { port } = new URL(parley.url)
    await parley.end('SIGTERM')
    const restored = await run('restore', '--data', data, '--from', backup)
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    expect(restored.stdout).toContain('restored 2 users, 1 conversation, 2 messages')
    expect(readdirSync(data).some((name) => name.startsWith('before-restore-'))).toBe(true)

    const ended = people.map(({ client }) => new Promise((resolve) => client.on('session-ended', resolve)))
    parley = await startEmbedded({ dataFolder: data, port: Number(port) })
    await Promise.all(ended)

    // Others speak before these two are back.
    const other = openApp(parley.url)
    await other.client.logIn({ email: people[1]!.email, password })
    await other.client.connect()
    for (const text of ['new 3', 'new 4', 'new 5', 'new 6']) await other.client.send({ conversationId, text })
    for (const { client, email } of people) {
      await client.logIn({ email, password })
      await client.connect()
    }
    await alice.client.send({ conversationId, text: 'new 7' })

    const expected = ['1', '2', 'new 3', 'new 4', 'new 5', 'new 6', 'new 7']
    for (const app of [alice, bob]) {
      await eventually(() => expect(app.texts()).toEqual(expected))
      expect(app.client.state).toBe('live')
      expect(app.restarts()).toBe(1)
    }
  })

  it('refuses what is no backup, and leaves the data as it is', async () => {
    const nothing = await run('restore', '--data', join(folder.path, 'elsewhere'), '--from', folder.path)
    expect(nothing).toMatchObject({ code: 1, stdout: '' })
    expect(nothing.stderr).toContain('is no backup of Parley')
    expect(existsSync(join(folder.path, 'elsewhere'))).toBe(false)
    expect((await run('restore')).code).toBe(64)
  })

  it('does not start on a folder in which a restore was broken off, which running it again mends', async () => {
    const broken = join(folder.path, 'broken')
    expect((await run('restore', '--data', broken, '--from', backup)).code).toBe(0)
    writeFileSync(join(broken, 'restoring'), '')
    await expect(startEmbedded({ dataFolder: broken })).rejects.toThrow('a restore into')
    expect((await run('restore', '--data', broken, '--from', backup)).code).toBe(0)
    const started = await startEmbedded({ dataFolder: broken })
    expect(await started.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
