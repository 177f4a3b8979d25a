import { isTokenProblem } from '../client-error.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { Call } from '../http/call.ts'
import type { Session } from './session.ts'

/** Calls as the user. When the server finds the token too old, exchanges it and calls again, once. */
export function createAuthorizedCall(http: HttpClient, session: Session): Call {
  return async (method, path, request, signal) => {
    const token = await session.accessToken()
    try {
      return await http.as(token)(method, path, request, signal)
    } catch (error) {
      if (!isTokenProblem(error)) throw error
      await session.renew(token)
      return http.as(await session.accessToken())(method, path, request, signal)
    }
  }
}
