import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Jwk, Jwks } from '@parley/contracts/token.ts'

/** Finds the public key that a token says it was signed with. */
export interface KeySource {
  find(kid: string): Promise<KeyObject | undefined>
}

/**
 * Keys from a JWKS. They are parsed once; an unknown `kid` loads the set again (keys rotate), but not more
 * often than the cooldown allows, so that forged tokens cannot turn into a flood of loads.
 * @param load fetches the set; a rejection reaches whoever verifies, and is not remembered
 */
export function createJwksKeySource({
  load,
  cooldownMs = 10_000,
}: {
  load: () => Promise<Jwks>
  cooldownMs?: number
}): KeySource {
  let keys = new Map<string, KeyObject>()
  let loading: Promise<void> | undefined
  let loadedAt = -Infinity

  async function reload(): Promise<void> {
    const { keys: found } = await load()
    keys = new Map(found.map((jwk) => [jwk.kid, toKeyObject(jwk)]))
    loadedAt = performance.now()
  }

  return {
    async find(kid) {
      const known = keys.get(kid)
      if (known !== undefined) return known
      if (loading === undefined && performance.now() - loadedAt < cooldownMs) return undefined
      loading ??= reload().finally(() => {
        loading = undefined
      })
      await loading
      return keys.get(kid)
    },
  }
}

/** Parsing a key costs as much as using it, so it happens once. */
const toKeyObject = ({ kty, crv, x, y }: Jwk): KeyObject =>
  createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
