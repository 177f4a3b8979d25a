import { login, logout, logoutEverywhere, refresh } from '@parley/contracts/sessions.ts'
import type { Routes } from '@parley/platform/http/routes.ts'
import type { LogIn } from './log-in.ts'
import type { LogOut } from './log-out.ts'
import type { RefreshSession } from './refresh-session.ts'

/** @param routesOfEnded take tokens of ended sessions, too: whoever logs out again may not have got the answer */
export function addSessionRoutes(
  routes: Routes,
  routesOfEnded: Routes,
  { logIn, refreshSession, logOut }: { logIn: LogIn; refreshSession: RefreshSession; logOut: LogOut },
): void {
  routes.add(login, async ({ body, address }) => ({ status: 200, body: await logIn(body, address) }))

  routes.add(refresh, async ({ body, address }) => ({
    status: 200,
    body: await refreshSession(body, address),
  }))

  routesOfEnded.add(logout, async ({ caller }) => {
    await logOut.here(caller)
    return { status: 204 }
  })

  routes.add(logoutEverywhere, async ({ caller }) => {
    await logOut.everywhere(caller)
    return { status: 204 }
  })
}
