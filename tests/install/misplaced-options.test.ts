import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'

// npm takes options before `--` for settings of its own, and passes on what it does not know in the environment.
describe('options that npm keeps for itself', () => {
  const temporary = createTemporaryFolder()
  const root = temporary.path
  beforeAll(() => {
    cpSync(resolve('scripts'), join(root, 'scripts'), { recursive: true })
    const run = 'node scripts/run.mjs program.mjs'
    writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { start: run, reset: run } }))
    writeFileSync(join(root, 'package-lock.json'), '{}')
    // Nothing is to be installed.
    mkdirSync(join(root, 'node_modules'))
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}')
    writeFileSync(join(root, 'program.mjs'), 'console.log(JSON.stringify(process.argv.slice(2)))')
  })
  afterAll(() => temporary.remove())

  async function npm(...args: string[]) {
    const child = spawn('npm', ['--silent', ...args], { cwd: root })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }

  it.each([
    [['start', '--port', '1'], '--port', 'npm start -- --port 1'],
    [['start', '--port=1'], '--port', 'npm start -- --port 1'],
    [['start', '--no-demo', '--data', 'a b'], '--data and --no-demo', "npm start -- --no-demo --data 'a b'"],
    [['start', '--open', '--host', '::1'], '--host and --open', 'npm start -- --open --host ::1'],
    [['start', '--reset', '--', '--port', '0'], '--reset', 'npm start -- --reset --port 0'],
    [['run', 'reset', '--data=other'], '--data', 'npm run reset -- --data other'],
  ])('are refused with what to type: npm %j', async (args, names, command) => {
    expect(await npm(...args)).toEqual({
      code: 64,
      stdout: '',
      stderr: `parley: npm kept ${names} for itself; put two dashes before:\n\n  ${command}\n\n`,
    })
  })

  it('are left to the program after two dashes', async () => {
    const { stdout } = await npm('start', '--', '--port', '1', '--no-demo')
    expect(stdout).toBe('["--port","1","--no-demo"]\n')
  })
})
