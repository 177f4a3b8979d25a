import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { hasAtLeast } from './check-secret.ts'
import { keepSecret, readSecret, SecretFileError, writeSecret } from './secret-file.ts'
import { createSigningKeyPem, signingKey } from './signing-key-pem.ts'

const kind = { create: () => 'x'.repeat(32), check: hasAtLeast(32), remedy: 'delete it' }

describe('the file of a secret', () => {
  let folder: ReturnType<typeof createTemporaryFolder>
  let file: string
  beforeEach(() => {
    folder = createTemporaryFolder()
    file = join(folder.path, 'secret')
  })
  afterEach(() => folder.remove())

  it('is made once, for its owner only, and read without the end of its line', () => {
    expect(keepSecret(file, kind)).toBe(kind.create())
    expect(keepSecret(file, { ...kind, create: () => 'y'.repeat(32) })).toBe(kind.create())
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder.path)).toEqual(['secret'])
  })

  it('stays as it is when a new one cannot be written', () => {
    writeSecret(file, 'before')
    mkdirSync(`${file}.new`)
    expect(() => writeSecret(file, 'after')).toThrow()
    expect(readFileSync(file, 'utf8')).toBe('before')
  })

  it('is never there in part: a disk with no room for it leaves nothing behind', () => {
    const program = join(__dirname, 'secret-file.ts')
    const text = 'x'.repeat(4_096)
    const write = `import('${program}').then(({ writeSecret }) => writeSecret('${file}', '${text}'))`
    // No file may be longer than 1 KiB, so that writing stops in the middle.
    const { status } = spawnSync('bash', ['-c', `ulimit -f 1; exec ${process.execPath} -e "${write}"`])
    expect(status).not.toBe(0)
    expect(existsSync(file)).toBe(false)
    expect(keepSecret(file, kind)).toBe(kind.create())
  })

  it('replaces what an interrupted run left, whoever may read that', () => {
    writeFileSync(`${file}.new`, 'hal')
    chmodSync(`${file}.new`, 0o666)
    expect(keepSecret(file, kind)).toBe(kind.create())
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['hunter2', 'has 7 characters, and must have at least 32'],
  ])('that holds %j is refused by its name, and nothing of it is repeated', (text, fault) => {
    writeFileSync(file, text)
    expect(() => readSecret(file, kind)).toThrow(new SecretFileError(`${file} ${fault}; delete it`))
    expect(() => keepSecret(file, kind)).toThrow(SecretFileError)
  })
})

describe('keys of access tokens', () => {
  it('may be several in one file, and all of them whole', () => {
    const pems = [createSigningKeyPem(), createSigningKeyPem()]
    expect(signingKey.check(pems.join('\n'))).toBeUndefined()
    expect(signingKey.check(`Created: today\n${pems.join('\nCreated: tomorrow\n')}`)).toBeUndefined()
    for (const wrong of ['nonsense', pems[0]!.slice(0, 90), `${pems[0]}\n${pems[1]!.slice(0, 90)}`]) {
      expect(signingKey.check(wrong)).toBe('is no EC key on the curve P-256 in PEM')
    }
  })
})
