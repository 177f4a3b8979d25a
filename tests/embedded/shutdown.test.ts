import { join } from 'node:path'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { sendDirect, type SendDirectResponse } from '@parley/contracts/messages.ts'
import { login, type LoginResponse } from '@parley/contracts/sessions.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { startEmbedded } from '../embedded-process.ts'

describe('SIGTERM under load', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())

  it('ends with 0 and loses no accepted message, nor its event', async () => {
    const server = await startEmbedded({ dataFolder: folder.path, demo: true })
    const [alice, bob] = (await Promise.all(
      ['alice@example.com', 'bob@example.com'].map(async (email) => {
        const { body } = await callOperation(server.url, login, { body: { email, password: 'parley-demo' } })
        return body as LoginResponse
      }),
    )) as [LoginResponse, LoginResponse]

    const accepted: SendDirectResponse[] = []
    let ending: ReturnType<typeof server.end> | undefined
    async function sendUntilRefused(sender: number): Promise<void> {
      for (let index = 0; ; index += 1) {
        const body = {
          sender: alice.user.id,
          receiver: bob.user.id,
          messageDetails: { text: `message ${index}` },
          clientId: `sender-${sender}-${index}`,
        }
        try {
          const answer = await callOperation(server.url, sendDirect, { token: alice.token, body })
          if (answer.status !== 201) return
          accepted.push(answer.body as SendDirectResponse)
        } catch {
          return // The connection was refused: nothing was promised.
        }
        if (accepted.length === 500) ending = server.end('SIGTERM')
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => sendUntilRefused(index)))
    expect(await ending).toEqual({ code: 0, signal: null })
    expect(accepted.length).toBeGreaterThanOrEqual(500)

    const stores = openSqliteChatStores(join(folder.path, 'chat.sqlite'))
    const stored = await stores.timeline.after(accepted[0]!.conversation.id, 0, 100_000)
    const ids = new Set(stored.map(({ id }) => id))
    expect(accepted.filter(({ message }) => !ids.has(message.id))).toEqual([])

    // What was accepted after the gateway had stopped waits in the outbox for the next start.
    const next = await startEmbedded({ dataFolder: folder.path })
    const anyTime = new Date(Date.now() + 60_000).toISOString()
    await eventually(async () => expect(await stores.timeline.pending(anyTime, 1)).toEqual([]))
    await stores.close()
    expect(await next.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
