import { isTokenProblem, ParleyClientError } from '../client-error.ts'
import type { Session } from '../session/session.ts'
import type { Command } from './open-link.ts'

/** Commands whose sender gets a newer token when the server finds the present one too old. */
export const createRenewingCommand =
  (command: Command, session: Session): Command =>
  async (event, payload) => {
    const token = session.current?.token
    try {
      return await command(event, payload)
    } catch (error) {
      if (token === undefined || !isTokenProblem(error)) throw error
      await session.refused(token)
      // Nothing was done, and next time it may be, there or by another replica.
      throw new ParleyClientError('unavailable', { cause: error })
    }
  }
