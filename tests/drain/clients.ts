// A process with many clients, each with a socket of its own.
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import type { ClientLife, FromClients, ToClients } from './protocol.ts'

const connectingAtOnce = 12
const open: { client: ParleyClient; life: ClientLife }[] = []

const tell = (message: FromClients): void => void process.send?.(message)

async function connectOne(url: string, session: SavedSession): Promise<void> {
  // No comparisons with the server: what a client shows came over its socket, or after its reconnect.
  const client = createParleyClient({ url, from: 'beginning', autoDelivered: false, headsEveryMs: 3_600_000 })
  const states: { state: ClientLife['states'][number]['state']; at: number }[] = []
  const shown: Record<string, number> = {}
  const faults: string[] = []
  const { id: userId } = client.resume(session)
  open.push({ client, life: { userId, states, shown, faults } })
  client.on('state', (state) => states.push({ state, at: Date.now() }))
  client.on('entry', ({ conversationId, seq }) => {
    const last = shown[conversationId] ?? 0
    if (seq !== last + 1) faults.push(`${seq} after ${last} in ${conversationId}`)
    shown[conversationId] = seq
  })
  await client.connect()
}

async function connectAll(url: string, sessions: readonly SavedSession[]): Promise<void> {
  const waiting = [...sessions]
  async function connectSome(): Promise<void> {
    for (let session = waiting.pop(); session !== undefined; session = waiting.pop())
      await connectOne(url, session)
  }
  await Promise.all(Array.from({ length: connectingAtOnce }, connectSome))
  tell({ connected: open.length })
}

process.on('disconnect', () => process.exit())
process.on('message', (order: ToClients) => {
  switch (order.do) {
    case 'connect':
      void connectAll(order.url, order.sessions)
      break
    case 'report':
      tell({ lives: open.map(({ life }) => life) })
      break
    case 'close':
      for (const { client } of open) client.close()
      process.disconnect()
      break
  }
})
