import { createHash, timingSafeEqual } from 'node:crypto'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { AuthConfig } from '../config.ts'

/** Who may register. */
export interface Registration {
  /** @throws ParleyError `registration-closed` */
  require(invite: string | undefined): void
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** An invite is a code of the operator's list, good for as many people as it is given to, until it is taken off. */
export function createRegistration({
  REGISTRATION: mode,
  INVITE_CODES: codes,
}: Pick<AuthConfig, 'REGISTRATION' | 'INVITE_CODES'>): Registration {
  const invites = codes.map(digest)
  return {
    require(invite) {
      if (mode === 'open') return
      if (mode === 'closed') throw new ParleyError('registration-closed')
      const given = digest(invite ?? '')
      if (invite !== undefined && invites.some((code) => timingSafeEqual(code, given))) return
      const [detail, message] =
        invite === undefined
          ? ['An invite is needed.', 'is needed: new accounts are for those who were given one']
          : ['This invite is not good.', 'is not one that is good here']
      throw new ParleyError('registration-closed', { detail, errors: [{ path: 'invite', message }] })
    },
  }
}
