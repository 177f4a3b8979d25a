import { isIP } from 'node:net'
import { z } from 'zod'

/** As a browser sends it: scheme, host and port, nothing behind. */
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text

/** A setting: a list of web origins with commas between them. */
export const origins = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
  )
  .refine((list) => list.every(isOrigin), 'must be origins such as https://chat.example.com, with commas')

/**
 * Whether a page comes from the very address that it now calls. Only an IP address or `localhost` can tell:
 * anybody may let a name of theirs point here (DNS rebinding), and `Host` would say that name too. So pages
 * that are served under a name need it on the list of origins.
 * @param origin as the browser sent it
 * @param host the header `Host` of the request
 */
export function isOwnOrigin(origin: string, host: string | undefined): boolean {
  if (!isOrigin(origin)) return false
  const page = new URL(origin)
  const hostname = page.hostname.replace(/^\[(.*)\]$/, '$1')
  return page.host === host?.toLowerCase() && (hostname === 'localhost' || isIP(hostname) !== 0)
}
