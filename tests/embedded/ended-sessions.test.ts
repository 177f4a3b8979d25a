import { listConversations } from '@parley/contracts/conversations.ts'
import { login, type LoginResponse, logout, logoutEverywhere, refresh } from '@parley/contracts/sessions.ts'
import { createUser, getMe } from '@parley/contracts/users.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { io, type Socket } from 'socket.io-client'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

jest.setTimeout(60_000)

const credentials = { email: 'alice@example.com', password: 'correct horse battery' }

describe('an ended session of the embedded mode', () => {
  const folder = createTemporaryFolder()
  let parley: EmbeddedProcess
  const sockets: Socket[] = []
  beforeAll(async () => {
    parley = await startEmbedded({ dataFolder: folder.path })
    const body = { firstName: 'Alice', lastName: 'Anders', ...credentials }
    expect((await callOperation(parley.url, createUser, { body })).status).toBe(201)
  })
  afterAll(async () => {
    for (const socket of sockets) socket.disconnect()
    await parley?.end('SIGTERM')
    folder.remove()
  })

  const logIn = async (): Promise<LoginResponse> =>
    (await callOperation(parley.url, login, { body: credentials })).body as LoginResponse
  const exchange = (refreshToken: string) => callOperation(parley.url, refresh, { body: { refreshToken } })
  /** Connects; resolves to why not, or to nothing. */
  async function open(token: string): Promise<{ socket: Socket; refusal: string | undefined }> {
    const socket = io(parley.url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token },
    })
    sockets.push(socket)
    const refusal = await new Promise<string | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined))
      socket.once('connect_error', ({ message }) => resolve(message))
    })
    return { socket, refusal }
  }
  const statuses = async (token: string): Promise<number[]> => [
    (await callOperation(parley.url, getMe, { token })).status,
    (await callOperation(parley.url, listConversations, { token })).status,
  ]

  it.each<[string, (own: LoginResponse) => Promise<unknown>]>([
    ['logging out', ({ token }) => callOperation(parley.url, logout, { token })],
    [
      'logging out everywhere',
      async () => {
        const { token } = await logIn()
        return await callOperation(parley.url, logoutEverywhere, { token })
      },
    ],
    [
      'an old refresh token',
      async ({ refreshToken }) => {
        const second = (await exchange(refreshToken)).body as LoginResponse
        await exchange(second.refreshToken)
        expect((await exchange(refreshToken)).status).toBe(401)
      },
    ],
  ])('by %s has no token that is good, and no socket', async (_, end) => {
    const session = await logIn()
    expect(await statuses(session.token)).toEqual([200, 200])
    const { socket, refusal } = await open(session.token)
    expect(refusal).toBeUndefined()

    await end(session)
    // At once: it is the same process.
    expect(await statuses(session.token)).toEqual([401, 401])
    expect((await open(session.token)).refusal).toBe('token-invalid')
    await eventually(() => expect(socket.connected).toBe(false))
    // And the next one is as good as ever.
    expect(await statuses((await logIn()).token)).toEqual([200, 200])
  })

  it('is still known after a restart', async () => {
    const { token } = await logIn()
    const other = await logIn()
    await callOperation(parley.url, logout, { token })
    await parley.end('SIGKILL')
    parley = await startEmbedded({ dataFolder: folder.path })
    expect(await statuses(token)).toEqual([401, 401])
    expect((await open(token)).refusal).toBe('token-invalid')
    expect(await statuses(other.token)).toEqual([200, 200])
    // The answer may have been lost.
    expect((await callOperation(parley.url, logout, { token })).status).toBe(204)
  })
})
