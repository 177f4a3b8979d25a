import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Jwk, Jwks } from '@parley/contracts/token.ts'

/** Finds the public key that a token says it was signed with. */
export interface KeySource {
  find(kid: string): Promise<KeyObject | undefined>
  /** The key, if that is known now without asking anybody; costs next to nothing. */
  peek(kid: string): KeyObject | undefined
}

const since = (time: number): number => performance.now() - time

interface Known {
  readonly jwk: Jwk
  readonly key: KeyObject
}

/** How long somebody who waits for a set that is late is kept, when there is an older one. */
const patienceMs = 1_000

/**
 * Keys from a JWKS, which change: one that left the set is refused within `maxAgeMs`, and a new one is found at once.
 *
 * - A set that is older than `refreshMs` is loaded again, beside; one that is older than `maxAgeMs` before it is used.
 * - While it cannot be loaded, the keys that are known stay good: whoever is logged in goes on while auth is away.
 * - An unknown `kid` loads the set too, but not more often than the cooldown allows, and one load serves all who wait:
 *   forged tokens cannot turn into a flood of loads. They get what the last load said, also that it failed.
 *
 * A key is parsed once, and stays the same object for as long as it is in the set.
 * @param load fetches the set; a rejection reaches whoever needs a key that is not known
 */
export function createJwksKeySource({
  load,
  refreshMs = 20_000,
  maxAgeMs = 40_000,
  cooldownMs = 5_000,
}: {
  load: () => Promise<Jwks>
  refreshMs?: number
  maxAgeMs?: number
  cooldownMs?: number
}): KeySource {
  let keys: ReadonlyMap<string, Known> = new Map()
  let loading: Promise<void> | undefined
  let loadedAt = -Infinity
  let triedAt = -Infinity
  /** Why the last try failed; the next one that does not clears it. */
  let trouble: { readonly error: unknown } | undefined

  async function reload(): Promise<void> {
    triedAt = performance.now()
    try {
      const { keys: found } = await load()
      keys = new Map(found.map((jwk) => [jwk.kid, sameOrParsed(keys.get(jwk.kid), jwk)]))
      loadedAt = performance.now()
      trouble = undefined
    } catch (error) {
      trouble = { error }
      throw error
    } finally {
      loading = undefined
    }
  }
  const loadNow = (): Promise<void> => (loading ??= reload())

  /** Looks for a newer set beside what goes on. */
  function refresh(): void {
    if (loading === undefined && since(triedAt) >= cooldownMs) loadNow().catch(() => undefined)
  }

  /** Whether a key of the set is good without waiting for a newer one. */
  function isFreshEnough(): boolean {
    const age = since(loadedAt)
    if (age >= refreshMs) refresh()
    return age < maxAgeMs || trouble !== undefined || (loading !== undefined && since(triedAt) > patienceMs)
  }

  async function findUnknown(kid: string): Promise<KeyObject | undefined> {
    if (loading === undefined && keys.size > 0 && since(triedAt) < cooldownMs) {
      if (trouble !== undefined) throw trouble.error
      return undefined
    }
    await loadNow()
    return keys.get(kid)?.key
  }

  return {
    peek: (kid) => (isFreshEnough() ? keys.get(kid)?.key : undefined),
    async find(kid) {
      if (!keys.has(kid)) return await findUnknown(kid)
      if (!isFreshEnough()) await atMost(patienceMs, loadNow())
      return keys.get(kid)?.key
    },
  }
}

const sameOrParsed = (known: Known | undefined, jwk: Jwk): Known =>
  known !== undefined && known.jwk.x === jwk.x && known.jwk.y === jwk.y ? known : { jwk, key: parse(jwk) }

const parse = ({ kty, crv, x, y }: Jwk): KeyObject =>
  createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })

/** Waits for work, but not for long, and not for its success. */
async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, milliseconds)
  await Promise.race([work.catch(() => undefined), late.promise])
  clearTimeout(timer)
}
