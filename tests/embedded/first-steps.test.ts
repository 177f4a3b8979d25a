import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

const run = promisify(execFile)

/** The example, as `npm run example` runs it. */
const example = (...args: string[]) => run(process.execPath, ['examples/main.ts', ...args])

describe('what a newcomer types', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data'), demo: true })
  })
  afterAll(async () => {
    await server.end('SIGTERM')
    folder.remove()
  })

  it.each(['bash', 'sh'])("is the README's curl block, as often as they like (%s)", async (shell) => {
    const readme = readFileSync('README.md', 'utf8')
    const [, block = ''] = /```sh\n(api=[^]*?)```/.exec(readme) ?? []
    const script = block.replace('http://localhost:3000', server.url)
    const talk = async (): Promise<string[]> => {
      const { stdout, stderr } = await run(shell, ['-c', script])
      expect(stderr).toBe('')
      const history = JSON.parse(stdout.slice(stdout.lastIndexOf('{"conversation"'))) as {
        messages: { text: string }[]
      }
      return history.messages.map(({ text }) => text)
    }
    const before = await talk()
    expect(await talk()).toEqual([...before, 'Hello 👋'])
  })

  it('is the example, with the address of a server', async () => {
    const { stdout } = await example(server.url)
    expect(stdout).toContain('Hello Bob 👋')
  })

  it('is the example without a server, with an address that is none, or without demo users', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await once(nobody, 'listening')
    const url = `http://127.0.0.1:${(nobody.address() as AddressInfo).port}`
    nobody.close()
    await expect(example(url)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^parley: no Parley answers at http:\S+; start one with npm start, or name another:\n.*npm run example -- http:.*\n$/,
      ),
    })
    await expect(example('4000')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"4000" is no address'),
    })
    const empty = await startEmbedded({ dataFolder: join(folder.path, 'empty') })
    await expect(example(empty.url)).rejects.toMatchObject({
      stderr: `parley: ${empty.url} has no demo users; start it on a new data folder\n`,
    })
    await empty.end('SIGTERM')
  })
})
