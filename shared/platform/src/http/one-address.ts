import { networkOf } from './client-address.ts'
import type { Logger } from '../log.ts'

/** Fewer may be the tries of one person at home. */
const manyAttempts = 200

const isPrivate = (network: string): boolean =>
  /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
    network,
  ) || /^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|0:0:0:0):/.test(network)

/**
 * Warns once when all who come have one private address: it is then that of a proxy which is not trusted to say who they
 * are, and whatever is limited by address is limited for all of them together.
 */
export function createOneAddressWatch({ logger }: { logger: Logger }): {
  readonly saw: (address: string) => void
} {
  let only: string | undefined
  let attempts = 0
  let decided = false

  return {
    saw(address) {
      if (decided) return
      const network = networkOf(address)
      only ??= network
      attempts += 1
      decided = network !== only || !isPrivate(network) || attempts === manyAttempts
      if (attempts < manyAttempts || network !== only) return
      logger.warn(
        { address: only },
        'all clients have this one private address, so limits by address hold for all of them together: ' +
          'name the proxies in front (TRUSTED_PROXIES, in the stack FRONT_PROXIES)',
      )
    },
  }
}
