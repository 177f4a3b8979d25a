import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { startEmbedded } from '../embedded-process.ts'

const password = 'a good password'
const patienceMs = 30_000
const person = (firstName: string) => ({
  firstName,
  lastName: 'Test',
  email: `${firstName.toLowerCase()}@example.com`,
  password,
})

describe('examples/without-the-sdk.mjs', () => {
  it('shows everything once and in order, also what was said while the server was killed', async () => {
    const folder = createTemporaryFolder()
    const dataFolder = join(folder.path, 'data')
    let server = await startEmbedded({ dataFolder })
    const alice = createParleyClient({ url: server.url, backoff: { minMs: 50, maxMs: 500 } })
    await alice.register(person('Alice'))
    const bob = await alice.register(person('Bob'))
    await alice.logIn({ email: person('Alice').email, password })
    await alice.send({ to: bob.id, text: 'one' })

    const args = ['examples/without-the-sdk.mjs', server.url, bob.email, password]
    const example = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(example, 'exit')
    const shown: string[] = []
    createInterface({ input: example.stdout }).on('line', (line) => shown.push(line))
    const shows = (...lines: readonly string[]) => eventually(() => expect(shown).toEqual(lines), patienceMs)
    try {
      await shows('1: one')
      await alice.send({ to: bob.id, text: 'two' })
      await shows('1: one', '2: two')
      example.stdin.write('three\n')
      await shows('1: one', '2: two', '3: three')

      const port = Number(new URL(server.url).port)
      await server.end('SIGKILL')
      const four = alice.send({ to: bob.id, text: 'four' })
      example.stdin.write('five\n')
      server = await startEmbedded({ dataFolder, port })
      await four
      await eventually(() => expect(shown).toHaveLength(5), patienceMs)
      await alice.send({ to: bob.id, text: 'six' })
      await eventually(() => expect(shown.at(-1)).toBe('6: six'), patienceMs)
      // Which of the two was first, the server decided.
      const texts = shown[3] === '4: four' ? ['4: four', '5: five'] : ['4: five', '5: four']
      expect(shown).toEqual(['1: one', '2: two', '3: three', ...texts, '6: six'])
    } finally {
      example.kill('SIGTERM')
      await ended
      alice.close()
      await server.end('SIGTERM')
      folder.remove()
    }
  }, 120_000)
})
