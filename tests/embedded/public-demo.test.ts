import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { login } from '@parley/contracts/sessions.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { spawnEmbedded, startEmbedded } from '../embedded-process.ts'

// On every address of this machine: what is asked below is asked on 127.0.0.1.
const everywhere = ['--port', '0', '--host', '0.0.0.0', '--json']

describe('demo users, whose password everybody knows', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())

  /** Until it ends by itself, or has said where it listens. */
  async function start(...args: readonly string[]) {
    const child = spawnEmbedded([...everywhere, ...args])
    let [stdout, stderr] = ['', '']
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (stdout.includes('\n')) child.kill('SIGTERM')
    })
    const [code] = (await once(child, 'close')) as [number]
    return { code, started: stdout !== '', stderr }
  }

  it('are refused where others can connect, unless somebody says that this is meant', async () => {
    const data = join(folder.path, 'new')
    const refused = await start('--data', data)
    expect(refused).toMatchObject({ code: 64, started: false })
    expect(refused.stderr).toContain('--host 0.0.0.0')
    expect(refused.stderr).toContain('alice@example.com')
    expect(refused.stderr).toMatch(/--no-demo.*--public-demo/s)
    expect(existsSync(join(data, 'auth.sqlite'))).toBe(false)
    expect(await start('--data', data, '--no-demo')).toMatchObject({ code: 0, started: true })
  })

  it('are refused also when they are there from before', async () => {
    const data = join(folder.path, 'before')
    const server = await startEmbedded({ dataFolder: data, demo: true })
    await server.end('SIGTERM')
    expect(await start('--data', data, '--no-demo')).toMatchObject({ code: 64, started: false })
    expect(await start('--data', data, '--public-demo')).toMatchObject({ code: 0, started: true })
  })

  it('are nobody who has the same address and a password of his own', async () => {
    const data = join(folder.path, 'own')
    const server = await startEmbedded({ dataFolder: data })
    const person = { firstName: 'Alice', lastName: 'Adams', email: 'alice@example.com' }
    const body = JSON.stringify({ ...person, password: 'a password of my own' })
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(`${server.url}/users/auth/create`, { method: 'POST', headers, body })).status).toBe(
      201,
    )
    const attempt = { email: person.email, password: 'parley-demo' }
    expect((await callOperation(server.url, login, { body: attempt })).status).toBe(404)
    await server.end('SIGTERM')
    expect(await start('--data', data)).toMatchObject({ code: 0, started: true })
  })
})
