import { chmodSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { readSigningKeys } from './signing-key.ts'
import { rotateKeys } from './rotate-keys.ts'

const minute = 60_000

describe('rotating the signing key', () => {
  let folder: ReturnType<typeof createTemporaryFolder>
  let file: string
  beforeEach(() => {
    folder = createTemporaryFolder()
    file = join(folder.path, 'signing-key.pem')
    writeFileSync(file, createSigningKeyPem())
    chmodSync(file, 0o400)
  })
  afterEach(() => folder.remove())

  const kids = (): string[] => readSigningKeys(readFileSync(file, 'utf8')).map(({ jwk }) => jwk.kid)

  /** The clock is moved by waiting, and by nothing else. `until` breaks it off. */
  function begin({ leaked = false, until = Infinity } = {}) {
    const steps: { waitedMs: number; kids: string[] }[] = []
    let at = statSync(file).mtimeMs
    const rotation = rotateKeys({
      file,
      tokenSeconds: 900,
      settleSeconds: 60,
      leaked,
      now: () => at,
      say: () => utimesSync(file, at / 1_000, at / 1_000),
      async wait(waitedMs) {
        if (steps.length === until) throw new Error('broken off')
        steps.push({ waitedMs: Math.round(waitedMs), kids: kids() })
        at += waitedMs
      },
    })
    return { steps, rotation }
  }

  it('publishes the new one, signs with it a minute later, and removes the old one when its tokens are gone', async () => {
    const [before] = kids()
    const { steps, rotation } = begin()
    await rotation
    const [after] = kids()
    expect(after).not.toBe(before)
    expect(steps).toEqual([
      { waitedMs: minute, kids: [before, after] },
      { waitedMs: 16 * minute, kids: [after, before] },
    ])
    expect(kids()).toEqual([after])
    expect(statSync(file).mode & 0o777).toBe(0o400)
  })

  it('removes one that leaked as soon as the new one signs', async () => {
    const [before] = kids()
    const { steps, rotation } = begin({ leaked: true })
    await rotation
    const [after, ...others] = kids()
    expect(steps).toEqual([{ waitedMs: minute, kids: [before, after] }])
    expect(others).toEqual([])
  })

  it.each([0, 1])('goes on where it was broken off (%i)', async (until) => {
    const [before] = kids()
    const broken = begin({ until })
    await expect(broken.rotation).rejects.toThrow('broken off')
    const left = kids()
    expect(left).toHaveLength(2)
    const { steps, rotation } = begin()
    await rotation
    const after = left.find((kid) => kid !== before)
    expect(kids()).toEqual([after])
    expect(steps.map(({ waitedMs }) => waitedMs)).toEqual([minute, 16 * minute].slice(until))
  })

  it('changes nothing where there are no keys', async () => {
    chmodSync(file, 0o600)
    writeFileSync(file, '')
    await expect(begin().rotation).rejects.toThrow(`${file} is empty`)
    expect(readFileSync(file, 'utf8')).toBe('')
  })
})
