import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import { login } from '@parley/contracts/sessions.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { spawnEmbedded, startEmbedded } from '../embedded-process.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the embedded mode until it ends: by itself, or by SIGTERM once it has printed something. */
const runToEnd = (
  args: readonly string[],
  { env = {}, endOnce }: { env?: Readonly<Record<string, string>>; endOnce?: string } = {},
): Promise<Ended> => untilItEnds(spawnEmbedded(args, env), endOnce)

const runReset = (...args: readonly string[]): Promise<Ended> =>
  untilItEnds(spawn(process.execPath, ['services/standalone/src/reset.ts', ...args]))

async function untilItEnds(child: ChildProcess, endOnce?: string): Promise<Ended> {
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
    for (const path of ['/', '/docs/', '/docs/openapi.json', '/docs/asyncapi.json', '/readyz', '/healthz']) {
      expect([path, (await fetch(first.url + path)).status]).toEqual([path, 200])
    }
    expect(await (await fetch(first.metrics)).text()).toContain('parley_http_request_seconds_count')
    expect((await fetch(`${first.url}/metrics`)).status).toBe(404)
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

  it('begins with people who have talked, some of it unread, and says later what it found', async () => {
    const dataFolder = newFolder()
    const first = await startEmbedded({ dataFolder, demo: true })
    const alice = createParleyClient({ url: first.url })
    await alice.logIn({ email: 'alice@example.com', password: 'parley-demo' })
    const { conversations } = await alice.conversations.list()
    expect(conversations.map(({ unread, head }) => [unread, head])).toEqual([
      [3, 13],
      [1, 5],
      [0, 4],
    ])
    const names = conversations.map(({ members }) => members.map(({ firstName }) => firstName).toSorted())
    expect(names).toEqual([
      ['Alice', 'Bob'],
      ['Alice', 'Noor'],
      ['Alice', 'Yuki'],
    ])
    const { messages } = await alice.conversations.history(conversations[0]!.id)
    const times = messages.map(({ at }) => Date.parse(at))
    expect(times).toEqual(times.toSorted((one, other) => other - one))
    expect(times[0]! - times.at(-1)!).toBeGreaterThan(24 * 3_600_000)
    alice.close()
    await first.end('SIGTERM')

    const args = ['--port', '0', '--data', dataFolder]
    const { stdout } = await runToEnd(args, { endOnce: '╰' })
    expect(stdout).toContain(`${dataFolder} (found)`)
    expect(stdout).toContain('4 users, 4 conversations, 25 messages')
    expect(stdout).toContain('alice@example.com, bob@example.com')
    expect(stdout).toContain('password of each: parley-demo')
  })

  it('opens a browser with --open, and says so where there is none', async () => {
    const programs = join(folder.path, 'programs')
    const opened = join(folder.path, 'opened')
    mkdirSync(programs, { recursive: true })
    for (const name of ['xdg-open', 'open']) {
      writeFileSync(join(programs, name), `#!/bin/sh\necho "$1" > ${opened}\n`)
      chmodSync(join(programs, name), 0o755)
    }
    const args = ['--port', '0', '--data', newFolder(), '--no-demo', '--open']
    const child = spawnEmbedded(args, { PATH: programs })
    const ended = untilItEnds(child)
    await eventually(
      () => expect(existsSync(opened) && readFileSync(opened, 'utf8')).toMatch(/\/\n$/),
      20_000,
    )
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(readFileSync(opened, 'utf8').trim())

    const without = spawnEmbedded(args, { PATH: '/nowhere' })
    without.stderr?.once('data', () => without.kill('SIGTERM'))
    const told = await untilItEnds(without)
    expect(told.code).toBe(0)
    expect(told.stderr).toMatch(/^parley: no browser opens; go to http:\/\/localhost:\d+\/\n$/)
  })

  it('is reset by a command that says what it deleted, and never while it runs', async () => {
    const dataFolder = newFolder()
    expect(await runReset('--data', dataFolder)).toEqual({
      code: 0,
      stdout: `parley: there is nothing to delete in ${dataFolder}\n`,
      stderr: '',
    })
    expect(existsSync(dataFolder)).toBe(false)

    const running = await startEmbedded({ dataFolder, demo: true })
    const refused = await runReset('--data', dataFolder)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('is in use by another Parley; nothing was deleted')
    expect((await logIn(running.url)).status).toBe(200)
    await running.end('SIGKILL')

    const { code, stdout } = await runReset('--data', dataFolder)
    expect(code).toBe(0)
    expect(stdout).toBe(
      `parley: deleted 4 users, 4 conversations, 25 messages and the keys in ${dataFolder}\n`,
    )
    const empty = await startEmbedded({ dataFolder })
    expect((await logIn(empty.url)).status).toBe(404)
    await empty.end('SIGTERM')
    expect((await runReset('--dat', dataFolder)).code).toBe(64)
  })

  it('names a taken port and what changes it', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const port = String((blocker.address() as AddressInfo).port)
    const first = await runToEnd(['--port', port, '--data', newFolder()])
    const args = ['--port', '0', '--data', newFolder()]
    const second = await runToEnd(args, { env: { METRICS_PORT: port } })
    blocker.close()
    expect([first.code, second.code]).toEqual([1, 1])
    expect(first.stderr).toContain(`port ${port} is taken; choose another one with --port <number>`)
    expect(second.stderr).toContain(`port ${port} is taken; choose another one with METRICS_PORT`)
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
