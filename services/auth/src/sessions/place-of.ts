import { createHmac } from 'node:crypto'
import { networkOf } from '@parley/platform/http/client-address.ts'

/**
 * Stands for the network that a session was refreshed from: tells the same from another, and neither the address nor
 * that two sessions came from one.
 * @param secret key of refresh tokens; what is signed here cannot be taken for one of those
 */
export const createPlaceOf =
  (secret: string) =>
  (sessionId: string, address: string): string =>
    createHmac('sha256', secret)
      .update(`place:${sessionId}:${networkOf(address)}`)
      .digest('base64url')
      .slice(0, 16)
