import { isIP } from 'node:net'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { ParleyError } from '../parley-error.ts'
import type { SecurityLog } from '../security-log.ts'
import { networkAsking } from './note-address.ts'

const isName = (text: string): boolean =>
  URL.canParse(`http://${text}`) && new URL(`http://${text}`).host === text

/** A setting: names of hosts with commas between them, without ports. */
export const hosts = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
  )
  .refine(
    (list) => list.every((name) => isName(name) && !name.includes(':')),
    'must be names such as chat.example.com, with commas',
  )

/**
 * Refuses what is asked of this server under a name that is not its own. Anybody may let a name of theirs point here
 * (DNS rebinding), and then a page of theirs is, to a browser, of the same origin as everything that is served here.
 * Names that nobody can have for that are always its own: addresses, `localhost`, and those without a dot, which only
 * the network itself gives, such as the names of services in Compose. Without a name it is no browser.
 * @param names what else it is called
 */
export function requireOwnHost(names: readonly string[], security: SecurityLog): RequestHandler {
  const own = new Set(names)
  return (request, response, next) => {
    // As the trusted proxies tell it.
    const asked = (request.hostname as string | undefined)?.toLowerCase()
    if (asked === undefined || own.has(asked) || isNobodysName(asked)) return next()
    security.note('host-refused', { network: networkAsking(response) })
    next(
      new ParleyError('host-not-allowed', {
        detail:
          'Its operator names it in ALLOWED_ORIGINS, or in ALLOWED_HOSTS where no page is opened there.',
      }),
    )
  }
}

const isNobodysName = (host: string): boolean =>
  !host.includes('.') || host.endsWith('.localhost') || isIP(host) !== 0 || host.startsWith('[')
