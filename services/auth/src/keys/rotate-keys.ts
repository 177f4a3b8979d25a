import { statSync } from 'node:fs'
import { readSecret, writeSecret } from '@parley/platform/secrets/secret-file.ts'
import { checkSigningKeys, createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { readSigningKey } from './signing-key.ts'

/** A key in the file, with the line before it that says since when it is there. */
interface KeyInFile {
  readonly pem: string
  /** Empty where nobody wrote it down: it is older than any other. */
  readonly created: string
}

const keyInFile = /(?:Created: (\S+)\s+)?(-----BEGIN ([A-Z ]+)-----[^-]*-----END \3-----)/g

function parse(text: string): KeyInFile[] {
  return [...text.matchAll(keyInFile)].map(([, created = '', pem = '']) => ({ pem, created }))
}

const format = (keys: readonly KeyInFile[]): string =>
  `${keys.map(({ pem, created }) => (created === '' ? pem : `Created: ${created}\n${pem}`)).join('\n')}\n`

const nameOf = ({ pem }: KeyInFile): string => readSigningKey(pem).jwk.kid

export interface Rotation {
  /** Holds the keys: the first one signs, all of them are published. Auth reads it again every few seconds. */
  readonly file: string
  /** How long an access token lives. */
  readonly tokenSeconds: number
  /** How long it may take until everybody who verifies has heard of a change. */
  readonly settleSeconds: number
  /** The key before is known to somebody: it goes as soon as the new one signs, and not when its tokens have expired. */
  readonly leaked: boolean
  readonly say: (text: string) => void
  readonly wait: (milliseconds: number) => Promise<void>
  readonly now?: () => number
}

/**
 * Puts a new signing key in the place of the one that is there, while auth runs and nobody notices:
 *
 * 1. The new key is added, so that auth publishes it.
 * 2. When everybody who verifies tokens knows it, it signs.
 * 3. When the last token of the old one has expired, that is removed, and refused everywhere within a minute.
 *
 * Each step is one write of the file, and what is to be done next is told from the file alone (the newest key is not
 * the first one: 2; it is, and there are others: 3), how long it has waited from the time of its last change. So it can be
 * broken off and run again at any time, and does no harm when it runs twice.
 * @throws SecretFileError when the file holds no keys
 */
export async function rotateKeys({
  file,
  tokenSeconds,
  settleSeconds,
  leaked,
  say,
  wait,
  now = Date.now,
}: Rotation): Promise<void> {
  const keep = (keys: readonly KeyInFile[]): void => {
    const { mode, uid, gid } = statSync(file)
    writeSecret(file, format(keys), { mode: mode & 0o777, uid, gid })
  }

  /** Waits until the file has been as it is for so long; whether it was. */
  async function hasSettled(seconds: number, what: string): Promise<boolean> {
    const leftMs = Math.min(statSync(file).mtimeMs + seconds * 1_000 - now(), seconds * 1_000)
    if (leftMs <= 0) return true
    say(`${what} in ${Math.ceil(leftMs / 1_000)} s`)
    await wait(leftMs)
    return false
  }

  for (let begun = false; ; begun = true) {
    const text = readSecret(file, { check: checkSigningKeys, remedy: 'nothing was changed' })
    const [signing, ...others] = parse(text) as [KeyInFile, ...KeyInFile[]]
    if (others.length === 0) {
      if (begun) return say('done')
      const created = { pem: createSigningKeyPem(), created: new Date(now()).toISOString() }
      keep([signing, created])
      say(`${nameOf(created)} is published`)
      continue
    }
    const newest = others.reduce((one, other) => (other.created > one.created ? other : one), signing)
    if (newest !== signing) {
      if (await hasSettled(settleSeconds, `${nameOf(newest)} signs`)) {
        keep([newest, signing, ...others.filter((other) => other !== newest)])
        say(`${nameOf(newest)} signs`)
      }
      continue
    }
    const old = others.map(nameOf).join(', ')
    if (await hasSettled(leaked ? 0 : tokenSeconds + settleSeconds, `${old} is removed`)) {
      keep([signing])
      say(`${old} is removed, and refused everywhere within a minute`)
    }
  }
}
