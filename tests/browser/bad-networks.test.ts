import { join } from 'node:path'
import { type BadLine, openBadLine } from '@parley/testing/bad-line.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  banner,
  createAccount,
  expectTexts,
  logIn,
  messages,
  openConversation,
  patienceMs,
  say,
} from './app.ts'
import { type AppWindow, startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

describe('on a bad network', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  let line: BadLine
  let alice: AppWindow & { account: Account }
  let bob: AppWindow & { account: Account }

  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
  })
  // Alice is on a line of her own.
  beforeEach(async () => {
    line = await openBadLine(Number(new URL(server.url).port))
    const accounts = [
      await createAccount(server.url, 'Alice'),
      await createAccount(server.url, 'Bob'),
    ] as const
    alice = { account: accounts[0], ...(await windows.open(`http://127.0.0.1:${line.port}`)) }
    bob = { account: accounts[1], ...(await windows.open(server.url)) }
  })
  afterEach(async () => {
    await windows.closeAll()
    await line.close()
  })
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  async function openBoth(): Promise<void> {
    for (const { page, account } of [alice, bob]) await logIn(page, account)
    await openConversation(alice.page, bob.account)
    await openConversation(bob.page, alice.account)
  }
  const aliceReads = (words: string): Promise<void> =>
    eventually(async () => expect(await banner(alice.page).textContent()).toBe(words), patienceMs)

  it('that lets no sockets through, messages arrive with a delay, and the app says so', async () => {
    line.upgrades('refuse')
    await openBoth()
    await aliceReads('Live updates are not getting through. Messages arrive with a delay.')
    await say(bob.page, 'hello Alice')
    await say(alice.page, 'hello Bob')
    for (const { page } of [alice, bob]) {
      await eventually(async () => expect(await messages(page).count()).toBe(2), patienceMs)
    }
    // Bob's reading of it, which no socket tells Alice of.
    await eventually(
      async () => expect(await messages(alice.page).getByRole('img', { name: 'Read' }).count()).toBe(1),
      patienceMs,
    )
    line.upgrades('pass')
    await aliceReads('')
    await say(bob.page, 'at once again')
    await eventually(async () => expect(await messages(alice.page).count()).toBe(3), patienceMs)
  })

  it('whose server answers 500 all the time, the app does not say that it is catching up', async () => {
    const heads = '**/chat/heads**'
    await alice.page.route(heads, (route) =>
      route.fulfill({ status: 500, json: { code: 'internal', status: 500 } }),
    )
    await openBoth()
    await aliceReads('The server cannot answer right now. Trying again…')
    await alice.page.unroute(heads)
    await aliceReads('')
    await say(bob.page, 'hello Alice')
    await expectTexts(alice.page, ['hello Alice'])
  })
})
