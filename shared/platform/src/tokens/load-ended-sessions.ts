import { type EndedSessionsPage, listEndedSessions } from '@parley/contracts/ended-sessions.ts'
import type { ServiceClient } from '../http/service-client.ts'
import { ParleyError } from '../parley-error.ts'

/** Asks the auth service. One of the release before has nothing to tell; events do then. */
export const createEndedSessionsLoad =
  (auth: ServiceClient) =>
  async (after: string | undefined): Promise<EndedSessionsPage> => {
    try {
      return await auth.call(listEndedSessions, { query: { after } })
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== 'route-not-found') throw error
      return { ended: [], next: after ?? '0.', more: false }
    }
  }
