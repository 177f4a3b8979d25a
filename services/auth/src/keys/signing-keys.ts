import type { Jwks } from '@parley/contracts/token.ts'
import type { Logger } from '@parley/platform/log.ts'
import { readSecret } from '@parley/platform/secrets/secret-file.ts'
import { checkSigningKeys } from '@parley/platform/secrets/signing-key-pem.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { KeySource } from '@parley/platform/tokens/key-source.ts'
import { readSigningKeys, type SigningKey } from './signing-key.ts'

/** To whoever verifies in the same process, a source of keys that is never old. */
export interface SigningKeys extends KeySource {
  /** What signs now. */
  current(): SigningKey
  /** The public halves of all that are good. */
  jwks(): Jwks
  close(): void
}

/** What a file says now, which others may change. */
export const signingKeysIn = (file: string) => (): string =>
  readSecret(file, { check: checkSigningKeys, remedy: 'delete it, and the next start makes another' })

const kids = (keys: readonly SigningKey[]): string[] => keys.map(({ jwk }) => jwk.kid)

/** How soon a changed file counts; `rotate-keys` waits for longer. */
const everyMs = 5_000

/**
 * The keys of access tokens, as they are in a file that others change (`rotate-keys`): it is read again every few seconds,
 * so no restart is needed. Each change is told to the security log. A file that cannot be read, or holds no keys, changes
 * nothing, and is in the log once: whoever is logged in must not notice.
 * @param read the text of the file, at once
 * @throws when there are no keys now
 */
export function createSigningKeys({
  read,
  security,
  logger,
}: {
  read: () => string
  security: SecurityLog
  logger: Logger
}): SigningKeys {
  let text = read()
  let keys = readSigningKeys(text)
  let told = false

  function look(): void {
    try {
      const now = read()
      if (now !== text) take(now)
      told = false
    } catch (error) {
      if (!told)
        logger.error({ err: error }, 'the signing keys cannot be read again; the ones before stay good')
      told = true
    }
  }

  function take(now: string): void {
    const before = keys
    keys = readSigningKeys(now)
    text = now
    for (const keyId of kids(keys).filter((kid) => !kids(before).includes(kid)))
      security.note('key-changed', { keyId, reason: 'published' })
    if (keys[0].jwk.kid !== before[0].jwk.kid)
      security.note('key-changed', { keyId: keys[0].jwk.kid, reason: 'signs' })
    for (const keyId of kids(before).filter((kid) => !kids(keys).includes(kid)))
      security.note('key-changed', { keyId, reason: 'removed' })
  }

  const peek: KeySource['peek'] = (kid) => keys.find(({ jwk }) => jwk.kid === kid)?.publicKey
  const looking = setInterval(look, everyMs).unref()
  return {
    peek,
    find: (kid) => Promise.resolve(peek(kid)),
    current: () => keys[0],
    jwks: () => ({ keys: keys.map(({ jwk }) => jwk) }),
    close: () => clearInterval(looking),
  }
}
