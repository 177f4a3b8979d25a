import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Page, Route } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  banner,
  conversationList,
  createAccount,
  expectTexts,
  logIn,
  openConversation,
  patienceMs,
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

/** Makes the tokens due, and begins anew with them, so that the page exchanges them first of all. */
async function beginWithOldTokens(page: Page): Promise<void> {
  await page.evaluate(`localStorage.setItem('parley.session',
    JSON.stringify({ ...JSON.parse(localStorage.getItem('parley.session')), refreshAt: 0 }))`)
  await page.reload({ waitUntil: 'commit' })
}
const refreshToken = (page: Page): Promise<string> =>
  page.evaluate(`JSON.parse(localStorage.getItem('parley.session')).refreshToken`)

describe('a tab that is frozen while it exchanges the tokens', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  let bob: Account

  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
  })
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  const isWell = async (page: Page): Promise<void> => {
    await conversationList(page).waitFor({ state: 'attached' })
    await openConversation(page, bob)
    await eventually(async () => expect(await banner(page).textContent()).toBe(''), patienceMs)
  }

  it('holds up no other tab, and finds when it wakes up what they stored', async () => {
    const account = await createAccount(server.url, 'Alice')
    bob = await createAccount(server.url, 'Bob')
    const { page: frozen, context } = await windows.open(server.url)
    await logIn(frozen, account)
    await isWell(frozen)
    const other = await context.newPage()
    await other.goto(server.url)
    await isWell(other)

    // Frozen between its request and the answer, which it gets only when it wakes up.
    const debug = await context.newCDPSession(frozen)
    await debug.send('Debugger.enable')
    const asked = new Promise<Route>((resolve) => {
      void frozen.route('**/users/auth/refresh', resolve)
    })
    await beginWithOldTokens(frozen)
    const request = await asked
    const paused = new Promise((resolve) => debug.once('Debugger.paused', resolve))
    await debug.send('Debugger.pause')
    await request.continue()
    await paused

    const tokens = new Set([await refreshToken(other)])
    for (const text of ['first', 'second', 'third']) {
      await beginWithOldTokens(other)
      await eventually(async () => expect(tokens).not.toContain(await refreshToken(other)), patienceMs)
      tokens.add(await refreshToken(other))
      await isWell(other)
      await say(other, text)
    }
    await expectTexts(other, ['first', 'second', 'third'])

    await frozen.unroute('**/users/auth/refresh')
    await debug.send('Debugger.disable')
    await isWell(frozen)
    await expectTexts(frozen, ['first', 'second', 'third'])
    // It put nothing back: what both have now is good for the next exchange.
    const last = await refreshToken(other)
    expect(await refreshToken(frozen)).toBe(last)
    expect([...tokens].at(-1)).toBe(last)
    await beginWithOldTokens(other)
    await eventually(async () => expect(await refreshToken(other)).not.toBe(last), patienceMs)
    await isWell(other)
    await say(frozen, 'fourth')
    for (const page of [frozen, other]) await expectTexts(page, ['first', 'second', 'third', 'fourth'])
  })
})
