import { createHmac, createSecretKey, randomUUID, timingSafeEqual } from 'node:crypto'

/** A device, and who has logged in on it: the newest last, each with when (seconds since the epoch). */
export interface Device {
  readonly id: string
  readonly users: Readonly<Record<string, number>>
}

/**
 * Device tokens prove that somebody logged in on a device before: whoever guesses in their name does not make that
 * device wait. They open nothing: the password is asked for all the same. `<device>~<user>_<when>~….<HMAC-SHA256>`, so
 * nothing is stored.
 */
export interface DeviceTokens {
  /**
   * The token of a device on which a user has just logged in.
   * @param before the token that the device had until then
   */
  issue(userId: string, before: string | undefined): string
  /** The device, when the token is ours. */
  read(token: string | undefined): Device | undefined
  /** The id of the device, if a user has logged in on it, at this time (in milliseconds) or later. */
  known(token: string | undefined, userId: string, since?: number): string | undefined
}

/** A device that more people share forgets the one who logged in first. */
const mostUsers = 5

function readUser(text: string): [id: string, at: number] {
  const [id = '', at] = text.split('_')
  return [id, Number(at)]
}

/** @param secret key of refresh tokens; what is signed here cannot be taken for one of those */
export function createDeviceTokens(secret: string, now: () => number = Date.now): DeviceTokens {
  const key = createSecretKey(Buffer.from(secret))
  const sign = (text: string): Buffer => createHmac('sha256', key).update(`device:${text}`).digest()

  function read(token: string | undefined): Device | undefined {
    const [, text, mac] = /^([\w~-]{1,1000})\.([\w-]{43})$/.exec(token ?? '') ?? []
    if (text === undefined || mac === undefined) return undefined
    if (!timingSafeEqual(Buffer.from(mac, 'base64url'), sign(text))) return undefined
    const [id = '', ...users] = text.split('~')
    return { id, users: Object.fromEntries(users.map(readUser)) }
  }

  return {
    read,
    known(token, userId, since = 0) {
      const device = read(token)
      const at = device?.users[userId]
      return device !== undefined && at !== undefined && (at + 1) * 1_000 > since ? device.id : undefined
    },
    issue(userId, before) {
      const device = read(before)
      const others = Object.entries(device?.users ?? {}).filter(([id]) => id !== userId)
      const users = others.slice(1 - mostUsers)
      const next = [...users, [userId, Math.floor(now() / 1_000)]]
      const text = [device?.id ?? randomUUID(), ...next.map(([user, at]) => `${user}_${at}`)].join('~')
      return `${text}.${sign(text).toString('base64url')}`
    },
  }
}
