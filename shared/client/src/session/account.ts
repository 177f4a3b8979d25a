import type { login, LoginRequest, logout } from '@parley/contracts/sessions.ts'
import type { createUser, CreateUserRequest, User } from '@parley/contracts/users.ts'
import { ParleyClientError } from '../client-error.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { Call } from '../http/call.ts'
import type { DeviceShelf } from '../options.ts'
import type { Timers } from '../time/timers.ts'
import { type SavedSession, toSavedSession } from './saved-session.ts'
import type { Session } from './session.ts'

/** Registering, logging in and out. */
export interface Account {
  register(person: CreateUserRequest): Promise<User>
  logIn(credentials: LoginRequest): Promise<User>
  resume(session: SavedSession): User
  logOut(): Promise<void>
}

export function createAccount({
  http,
  call,
  session,
  device,
  goOffline,
  timers,
}: {
  http: HttpClient
  call: Call
  session: Session
  device: DeviceShelf
  goOffline: () => void
  timers: Timers
}): Account {
  const callAsNobody = http.as(undefined)
  let ownerId: string | undefined

  function start(saved: SavedSession): User {
    // Positions and unsent messages are the first user's; another one must not get hold of them.
    if (ownerId !== undefined && ownerId !== saved.user.id)
      throw new Error('This client is another user’s: create a new one.')
    ownerId = saved.user.id
    session.start(saved)
    return saved.user
  }

  return {
    async register(body) {
      const { user } = await callAsNobody<typeof createUser>('post', '/users/auth/create', { body })
      return user
    },
    async logIn(credentials) {
      const known = device.read()
      const body = { ...(known !== undefined && { device: known }), ...credentials }
      const answer = await callAsNobody<typeof login>('post', '/users/auth/login', { body })
      if (answer.device !== undefined) device.write(answer.device)
      return start(toSavedSession(answer.user, answer, timers.now()))
    },
    resume: start,
    async logOut() {
      // First, or the server would tell the socket about the end of a session that the app knows of.
      goOffline()
      if (session.current === undefined) return
      try {
        await call<typeof logout>('post', '/users/auth/logout', {})
      } catch (error) {
        const isOverAnyway = error instanceof ParleyClientError && error.problem?.status === 401
        if (!isOverAnyway) throw error
      } finally {
        session.stop()
      }
    },
  }
}
