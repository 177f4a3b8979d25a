import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { clientEvents, serverEvents } from '@parley/contracts/socket.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import { commandOf, installTools } from './install-tools.ts'
import { startLaterServer } from './later-server.ts'

/**
 * The documents as strangers use them: taken from a running server, looked at by linters, and made into clients
 * that are compiled and then talk to that server, and to one of a later release.
 */
describe('the API documents, in tools of others', () => {
  const folder = createTemporaryFolder()
  const data = createTemporaryFolder()
  const environment = {
    ...process.env,
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  }
  let server: EmbeddedProcess
  let later: Awaited<ReturnType<typeof startLaterServer>>
  let there = false

  /** Runs a program in the folder of this run; rejects, with all that it said, unless it ends well. */
  async function run(file: string, ...args: readonly string[]): Promise<string> {
    const ended = promisify(execFile)(process.execPath, [file, ...args], {
      cwd: folder.path,
      env: environment,
      maxBuffer: 50_000_000,
    })
    return await ended.then(
      ({ stdout, stderr }) => `${stdout}${stderr}`,
      (error: Error & { stdout: string; stderr: string }) => {
        throw new Error(`${error.message}\n${error.stdout}`, { cause: error })
      },
    )
  }

  beforeAll(async () => {
    there = installTools()
    if (!there) return
    server = await startEmbedded({ dataFolder: data.path })
    later = await startLaterServer()
    for (const name of ['openapi.json', 'asyncapi.json']) {
      const response = await fetch(`${server.url}/docs/${name}`)
      writeFileSync(join(folder.path, name), await response.text())
    }
    writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }')
    for (const name of ['clients', 'tsconfig.json', 'spectral.yaml', 'redocly.yaml', 'parse-asyncapi.mjs'])
      cpSync(join(__dirname, name), join(folder.path, name), { recursive: true })
    symlinkSync(join(__dirname, 'node_modules'), join(folder.path, 'node_modules'))
    mkdirSync(join(folder.path, 'generated'))
  }, 180_000)

  afterAll(async () => {
    later?.close()
    expect((await server?.end('SIGTERM'))?.code ?? 0).toBe(0)
    folder.remove()
    data.remove()
  })

  it('spectral has nothing to say about either document', async () => {
    if (!there) return
    const said = await run(
      commandOf('@stoplight/spectral-cli', 'spectral'),
      'lint',
      'openapi.json',
      'asyncapi.json',
      '--ruleset',
      'spectral.yaml',
      '--fail-severity',
      'hint',
    )
    expect(said).toContain('No results with a severity of')
  }, 60_000)

  it('redocly has nothing to say about the OpenAPI document', async () => {
    if (!there) return
    const said = await run(
      commandOf('@redocly/cli', 'redocly'),
      'lint',
      'openapi.json',
      '--config',
      'redocly.yaml',
      '--format',
      'json',
    )
    const { totals } = JSON.parse(said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1)) as {
      totals: object
    }
    expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 })
  }, 60_000)

  it('the parser of AsyncAPI finds every event and no fault', async () => {
    if (!there) return
    const { operations: found, faults } = JSON.parse(await run('parse-asyncapi.mjs', 'asyncapi.json')) as {
      operations: number
      faults: unknown[]
    }
    expect(faults).toEqual([])
    expect(found).toBeGreaterThan(Object.keys(clientEvents).length + Object.keys(serverEvents).length)
  }, 60_000)

  describe('clients from three generators', () => {
    beforeAll(async () => {
      if (!there) return
      writeFileSync(
        join(folder.path, 'hey-api.config.mjs'),
        `export default ${JSON.stringify({
          input: './openapi.json',
          output: { path: './generated/hey', module: { extension: '.js' } },
          plugins: [
            '@hey-api/client-fetch',
            '@hey-api/typescript',
            'zod',
            { name: '@hey-api/sdk', validator: true },
          ],
        })}`,
      )
      const openApiTypescript = commandOf('openapi-typescript', 'openapi-typescript')
      await run(openApiTypescript, 'openapi.json', '--output', 'generated/schema.d.ts')
      await run(commandOf('@hey-api/openapi-ts', 'openapi-ts'), '--file', 'hey-api.config.mjs')
      await run(
        commandOf('orval', 'orval'),
        '--input',
        './openapi.json',
        '--output',
        './generated/orval.ts',
        '--client',
        'fetch',
      )
      // In strict mode; what does not compile fails here. The project's own compiler is several times as fast as the
      // one that the generators bring, and is no entry point of its package, so it is named by its file.
      await run(join(__dirname, '../../node_modules/typescript/bin/tsc'), '--project', '.')
    }, 180_000)

    it.each(['openapi-fetch', 'hey-api', 'orval'])(
      'of %s register, log in, send, read and sync, and take what a later release adds',
      async (name) => {
        if (!there) return
        await run(join('out', 'clients', `${name}.js`), server.url, later.url)
      },
      60_000,
    )
  })
})
