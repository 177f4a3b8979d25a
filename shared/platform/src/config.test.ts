import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { z } from 'zod'
import { ConfigError, readConfig } from './config.ts'

const schema = z.object({
  PORT: z.coerce.number().int().min(1).max(65_535).default(3_000),
  SECRET: z.string().min(8),
  DATABASE_URL: z.string().optional(),
})
const secret = 'correct horse'

const faultsOf = (env: Record<string, string>): string[] => {
  try {
    readConfig(schema, env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message.split('\n')
  }
  throw new Error('the configuration was accepted')
}

describe('reading the configuration', () => {
  it('takes what the schema names, and fills in what has a standard', () => {
    expect(readConfig(schema, { SECRET: secret, HOME: '/root' })).toEqual({ PORT: 3_000, SECRET: secret })
    expect(readConfig(schema, { SECRET: secret, PORT: '8080' }).PORT).toBe(8_080)
  })

  it('names all faults in one message', () => {
    expect(faultsOf({ PORT: 'ninety' })).toEqual([
      'The configuration has 2 fault(s):',
      expect.stringMatching(/^ {2}- PORT: .*number/),
      '  - SECRET: is missing',
    ])
  })

  it('never repeats a value, which may be a secret', () => {
    expect(faultsOf({ SECRET: 'hunter2', PORT: 'hunter3' }).join('\n')).not.toContain('hunter')
  })

  it('takes an empty variable as unset', () => {
    expect(readConfig(schema, { SECRET: secret, PORT: '', DATABASE_URL: '' })).toEqual({
      PORT: 3_000,
      SECRET: secret,
    })
    expect(faultsOf({ SECRET: '' })).toContain('  - SECRET: is missing')
  })
})

describe('a value in a file', () => {
  const folder = createTemporaryFolder()
  const file = join(folder.path, 'secret')
  beforeAll(() => writeFileSync(file, `${secret}\n`))
  afterAll(() => folder.remove())

  it('is read without the line end that editors leave', () => {
    expect(readConfig(schema, { SECRET_FILE: file }).SECRET).toBe(secret)
    expect(readConfig(schema, { SECRET_FILE: file, SECRET: '' }).SECRET).toBe(secret)
    expect(readConfig(schema, { SECRET_FILE: '', SECRET: 'direct secret' }).SECRET).toBe('direct secret')
  })

  it('must not be given directly too', () => {
    expect(faultsOf({ SECRET_FILE: file, SECRET: secret })).toContain(
      '  - SECRET: is set twice, as SECRET and as SECRET_FILE',
    )
  })

  it('is one fault among the others when the file cannot be read', () => {
    const faults = faultsOf({ SECRET_FILE: join(folder.path, 'missing'), PORT: '0' })
    expect(faults).toHaveLength(3)
    expect(faults).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ {2}- SECRET_FILE: cannot be read: ENOENT/),
        expect.stringMatching(/^ {2}- PORT: /),
      ]),
    )
  })

  it('is named by its file when it is not what it must be', () => {
    writeFileSync(file, '')
    expect(faultsOf({ SECRET_FILE: file })).toContain(`  - SECRET: is empty (${file})`)
    writeFileSync(file, 'hunter2')
    expect(faultsOf({ SECRET_FILE: file })).toContain(`  - SECRET: must have at least 8 characters (${file})`)
  })
})
