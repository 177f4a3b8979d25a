import { z } from 'zod'
import { count } from './count.ts'
import { operation } from './operation.ts'
import { email, password } from './text.ts'
import { user } from './users.ts'

const device = z.string().max(1_500).meta({
  description:
    'Opaque; keep it on the device, beyond logging out, and send it with the next login there, whoever logs in: a device that is known does not have to wait when somebody else guesses passwords. It opens nothing.',
})

export const loginRequest = z
  .object({ email, password: password.min(1), device: device.optional() })
  .meta({ id: 'LoginRequest' })
export type LoginRequest = z.infer<typeof loginRequest>

const tokens = {
  token: z.string().meta({ description: 'Access token (JWT, ES256), for `Authorization: Bearer`.' }),
  expiresIn: count.meta({ description: 'Seconds until the access token expires.' }),
  refreshToken: z.string().meta({
    description:
      'Opaque; good for one refresh, which brings the next one. If that answer was lost, it brings the same one again, until that one is used; not in three exchanges in a row.',
  }),
}

export const loginResponse = z
  .object({ ...tokens, device: device.optional(), user })
  .meta({ id: 'LoginResponse' })
export type LoginResponse = z.infer<typeof loginResponse>

export const refreshRequest = z
  .strictObject({ refreshToken: z.string().min(1).max(512) })
  .meta({ id: 'RefreshRequest' })
export type RefreshRequest = z.infer<typeof refreshRequest>

export const refreshResponse = z.object(tokens).meta({ id: 'RefreshResponse' })
export type RefreshResponse = z.infer<typeof refreshResponse>

/** Why a session ended; clients may tell their user. */
export const sessionEndReason = z.enum(['logout', 'logout-everywhere', 'refresh-token-reused'])
export type SessionEndReason = z.infer<typeof sessionEndReason>

export const login = operation({
  id: 'login',
  method: 'post',
  path: '/users/auth/login',
  tag: 'Sessions',
  summary: 'Log in',
  description:
    'Begins a session. The access token is good for minutes, and the refresh token for one exchange that brings the next two. Unknown addresses and wrong passwords get the same answer. Failed attempts are slowed down per account and network, and for a device that was logged in before apart from all others.',
  authenticated: false,
  body: loginRequest,
  example: { email: 'alice@example.com', password: 'parley-demo' },
  responses: { 200: loginResponse },
  problems: ['invalid-credentials'],
})

export const refresh = operation({
  id: 'refresh',
  method: 'post',
  path: '/users/auth/refresh',
  tag: 'Sessions',
  summary: 'Exchange a refresh token for new tokens',
  description:
    'Each refresh token is exchanged once; a token that was exchanged before the last one ends the session, since somebody else must have it; so does one of which every token comes twice. A session also ends when it is as old as the server lets one be.',
  authenticated: false,
  body: refreshRequest,
  example: { refreshToken: 'as-the-last-login-or-refresh-gave-it' },
  responses: { 200: refreshResponse },
  problems: ['refresh-token-invalid', 'rate-limited'],
})

export const logout = operation({
  id: 'logout',
  method: 'post',
  path: '/users/auth/logout',
  tag: 'Sessions',
  summary: 'End this session: no further refresh, its sockets are closed',
  description:
    'Its access tokens are refused from now on. Calling it again is no fault: the answer may have been lost.',
  authenticated: true,
  responses: { 204: null },
  problems: [],
})

export const logoutEverywhere = operation({
  id: 'logoutEverywhere',
  method: 'post',
  path: '/users/auth/logout-everywhere',
  tag: 'Sessions',
  summary: 'End all sessions of the caller',
  description: 'On all devices, this one included. Their sockets are told why, and closed.',
  authenticated: true,
  responses: { 204: null },
  problems: [],
})
