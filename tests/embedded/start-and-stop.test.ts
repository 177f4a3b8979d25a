import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { login } from '@parley/contracts/sessions.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { spawnEmbedded, startEmbedded } from '../embedded-process.ts'

/** Runs the embedded mode until it ends: by itself, or by SIGTERM once it has printed something. */
async function runToEnd(
  args: readonly string[],
  { env = {}, endOnce }: { env?: Readonly<Record<string, string>>; endOnce?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawnEmbedded(args, env)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    if (endOnce !== undefined && stdout.includes(endOnce)) child.kill('SIGTERM')
  })
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

describe('npm start', () => {
  const folder = createTemporaryFolder()
  let folders = 0
  const newFolder = (): string => join(folder.path, `data-${(folders += 1)}`)
  afterAll(() => folder.remove())

  const logIn = (url: string, email = 'alice@example.com') =>
    callOperation(url, login, { body: { email, password: 'parley-demo' } })

  it('serves what it prints, creates demo users once, and finds its data again', async () => {
    const dataFolder = newFolder()
    const first = await startEmbedded({ dataFolder, demo: true })
    for (const path of [
      '/',
      '/docs/',
      '/docs/openapi.json',
      '/docs/asyncapi.json',
      '/metrics',
      '/readyz',
      '/healthz',
    ]) {
      expect([path, (await fetch(first.url + path)).status]).toEqual([path, 200])
    }
    expect((await logIn(first.url)).status).toBe(200)
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null })

    const second = await startEmbedded({ dataFolder, demo: true })
    expect((await logIn(second.url, 'bob@example.com')).status).toBe(200)
    expect(await second.end('SIGINT')).toEqual({ code: 0, signal: null })
  })

  it('creates no demo users with --no-demo, and forgets everything with --reset', async () => {
    const dataFolder = newFolder()
    const demo = await startEmbedded({ dataFolder, demo: true })
    await demo.end('SIGTERM')
    const args = ['--port', '0', '--data', dataFolder, '--reset', '--no-demo']
    const { code, stdout } = await runToEnd(args, { endOnce: '╰' })
    expect(code).toBe(0)
    expect(stdout).toContain('Parley is running')
    expect(stdout).toContain('(new)')
    expect(stdout).not.toContain('\u001b[')

    const empty = await startEmbedded({ dataFolder })
    expect((await logIn(empty.url)).status).toBe(404)
    await empty.end('SIGTERM')
  })

  it('names a taken port and the flag that changes it', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as AddressInfo
    const { code, stderr } = await runToEnd(['--port', String(port), '--data', newFolder()])
    blocker.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`port ${port} is taken; choose another one with --port <number>`)
  })

  it('refuses a data folder that another process works on, and takes it once that one is killed', async () => {
    const dataFolder = newFolder()
    const running = await startEmbedded({ dataFolder })
    const { code, stderr } = await runToEnd(['--port', '0', '--data', dataFolder])
    expect(code).toBe(1)
    expect(stderr).toContain('is in use by another Parley; choose another folder with --data <folder>')

    await running.end('SIGKILL')
    const next = await startEmbedded({ dataFolder })
    expect(await next.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('reports all faults of the configuration at once and ends with 78', async () => {
    const env = { BCRYPT_COST: 'cheap', LOG_LEVEL: 'loud', OUTBOX_SWEEP_MS: '-1' }
    const { code, stderr } = await runToEnd(['--port', '0', '--data', newFolder()], { env })
    expect(code).toBe(78)
    for (const name of Object.keys(env)) expect(stderr).toContain(`${name}: `)
  })

  it.each([
    [['--port', 'abc'], '--port must be a number from 0 to 65535, not "abc"'],
    [['--port', '70000'], 'not "70000"'],
    [['--prot', '1'], '--prot'],
  ])('explains what is wrong with %j', async (args, words) => {
    const { code, stderr } = await runToEnd(args)
    expect(code).toBe(64)
    expect(stderr).toContain(words)
    expect(stderr).toContain('--data <folder>')
  })

  it('prints its options with --help', async () => {
    const { code, stdout } = await runToEnd(['--help'])
    expect(code).toBe(0)
    for (const flag of ['--port', '--data', '--no-demo', '--reset', '--json']) expect(stdout).toContain(flag)
  })
})
