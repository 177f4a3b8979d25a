import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

describe('running a service', () => {
  const folder = createTemporaryFolder()
  const source = (name: string) => resolve('shared/platform/src', name)
  const file = join(folder.path, 'service.ts')
  writeFileSync(
    file,
    `import { OwnError } from '${source('own-error.ts')}'
     import { runService } from '${source('run-service.ts')}'
     import { serviceConfig } from '${source('service-config.ts')}'
     runService({ name: 'sample', schema: serviceConfig, async start({ config, logger, shutdown }) {
       if (config.PORT === 1) throw new OwnError('no such database')
       shutdown.onClose('timer', () => { clearInterval(timer); process.stdout.write('closed\\n') })
       const timer = setInterval(() => undefined, 1_000)
       process.stdout.write('started\\n')
       if (config.PORT === 2) await new Promise((_, reject) => shutdown.onClose('wait', () => reject(new Error('closed'))))
     } })`,
  )
  afterAll(() => folder.remove())

  async function run(env: Record<string, string>, signal?: NodeJS.Signals) {
    const child = spawn(process.execPath, [file], { env: { PATH: process.env['PATH'], ...env } })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (signal !== undefined && stdout.includes('started')) child.kill(signal)
    })
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }

  it('names every fault of its settings and ends with 78, before it starts anything', async () => {
    const { code, stdout, stderr } = await run({ PORT: 'eighty', LOG_LEVEL: 'loud', ALLOWED_ORIGINS: 'here' })
    expect(code).toBe(78)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^sample: The configuration has 3 fault/)
    for (const name of ['PORT', 'LOG_LEVEL', 'ALLOWED_ORIGINS']) expect(stderr).toContain(`- ${name}: `)
  })

  it('closes on SIGTERM and ends with 0', async () => {
    const { code, stdout } = await run({ LOG_LEVEL: 'silent' }, 'SIGTERM')
    expect(code).toBe(0)
    expect(stdout).toBe('started\nclosed\n')
  })

  it('ends in order, too, while it waits for something that it needs', async () => {
    expect(await run({ PORT: '2' }, 'SIGTERM')).toMatchObject({ code: 0, stderr: '' })
  })

  it('ends with 1 when it cannot start, and says why in the log', async () => {
    const { code, stdout } = await run({ PORT: '1' })
    expect(code).toBe(1)
    expect(stdout).toContain('no such database')
  })
})
