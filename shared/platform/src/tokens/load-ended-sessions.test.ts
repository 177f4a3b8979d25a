import { type EndedSessionsPage, listEndedSessions } from '@parley/contracts/ended-sessions.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { createRoutes } from '../http/routes.ts'
import { createServiceClient } from '../http/service-client.ts'
import { createEndedSessionsLoad } from './load-ended-sessions.ts'

describe('asking auth which sessions have ended', () => {
  const nobody = { verifyToken: () => Promise.reject(new Error('not needed')) }

  const none: EndedSessionsPage = { ended: [], next: '5.', more: false }

  it('begins without a cursor, and goes on from what it was told', async () => {
    const asked: (string | undefined)[] = []
    const routes = createRoutes(nobody)
    routes.add(listEndedSessions, async ({ query }) => {
      asked.push(query.after)
      return { status: 200, body: none }
    })
    const auth = await serveRouters([routes.router])
    const client = createServiceClient({ origin: auth.origin })
    try {
      const load = createEndedSessionsLoad(client)
      await load((await load(undefined)).next)
      expect(asked).toEqual([undefined, '5.'])
    } finally {
      await client.close()
      await auth.close()
    }
  })

  it('of the release before tells nothing', async () => {
    const auth = await serveRouters([])
    const client = createServiceClient({ origin: auth.origin })
    try {
      expect(await createEndedSessionsLoad(client)(undefined)).toEqual({ ended: [], next: '0.', more: false })
    } finally {
      await client.close()
      await auth.close()
    }
  })
})
