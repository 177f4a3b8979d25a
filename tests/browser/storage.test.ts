import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  asAccount,
  createAccount,
  expectTexts,
  fillLogin,
  logIn,
  logOut,
  messages,
  openConversation,
  patienceMs,
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

const storages = {
  'is forbidden': `Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('denied', 'SecurityError') } })`,
  'is full': `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }`,
}

describe('what the browser keeps', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  let alice: Account
  let bob: Account

  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
  })
  beforeEach(async () => {
    alice = await createAccount(server.url, 'Alice')
    bob = await createAccount(server.url, 'Bob')
    await asAccount(server.url, bob, (client) => client.send({ to: alice.id, text: 'hello' }))
  })
  afterEach(() => windows.closeAll())
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  const field = (page: Page) => page.getByLabel('Message', { exact: true })

  it.each(Object.entries(storages))('is not needed: the storage %s', async (_, script) => {
    const { page, context, complaints } = await windows.open('about:blank')
    await context.addInitScript(script)
    await page.goto(server.url)
    await fillLogin(page, alice)
    const note = page.getByText(/cannot keep/)
    await note.waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await openConversation(page, bob)
    await say(page, 'an answer')
    await expectTexts(page, ['hello', 'an answer'])
    // As long as the page lives, it keeps what is written.
    await field(page).fill('a draft')
    await page.evaluate(`location.hash = '#/'`)
    await openConversation(page, bob)
    expect(await field(page).inputValue()).toBe('a draft')
    expect(await note.count()).toBe(0)
    expect(complaints).toEqual([])
    await field(page).fill('')
    await logOut(page)
    await page.getByRole('button', { name: 'Log in' }).waitFor()
  })

  it('is not needed to begin anew when the server was restored from a backup', async () => {
    const { page, context } = await windows.open('about:blank')
    await context.addInitScript(storages['is forbidden'])
    await page.goto(server.url)
    await logIn(page, alice)
    await openConversation(page, bob)
    await expectTexts(page, ['hello'])
    await field(page).fill('a draft')
    await context.setOffline(true)
    await page.getByRole('status').getByText('offline').waitFor()
    const epochs: string[] = []
    await page.route(/chat\/heads/, async (route) => {
      const response = await route.fetch()
      const answer = (await response.json()) as { epoch: string }
      epochs.push(answer.epoch)
      await route.fulfill({ response, json: { ...answer, epoch: 'another one' } })
    })
    await context.setOffline(false)
    await eventually(() => expect(epochs.length).toBeGreaterThan(1), patienceMs)
    await expectTexts(page, ['hello'])
    expect(await field(page).inputValue()).toBe('a draft')
    await say(page, 'an answer')
    await expectTexts(page, ['hello', 'an answer'])
  })

  it('is forgotten at the end of a session, also what was written while the server was told of it', async () => {
    const { page } = await windows.open(server.url)
    await logIn(page, alice)
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    await page.route(/auth\/logout/, async (route) => {
      await held
      await route.continue()
    })
    const isAsked = page.waitForRequest(/auth\/logout/)
    await logOut(page)
    await isAsked
    await openConversation(page, bob)
    await say(page, 'too late')
    await field(page).fill('a draft')
    release()
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    // That the browser is known is no matter of who used it.
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual(['parley.device'])
  })

  it('is sent by a tab that is open when the tab in which it was written is gone', async () => {
    const { page, context } = await windows.open(server.url)
    await logIn(page, alice)
    await openConversation(page, bob)
    await expectTexts(page, ['hello'])
    const second = await context.newPage()
    await second.goto(`${server.url}/#/with/${bob.id}`)
    await expectTexts(second, ['hello'])
    await context.setOffline(true)
    await say(second, 'left behind')
    await messages(second)
      .getByRole('img', { name: /^(Sending|Waiting to be sent)$/ })
      .waitFor()
    await second.close()
    await messages(page).getByText('left behind').waitFor()
    await context.setOffline(false)
    await expectTexts(page, ['hello', 'left behind'], 60_000)
    const stored = await asAccount(server.url, bob, ({ conversations }) => conversations.openDirect(alice.id))
    expect(stored.messages.map(({ text }) => text)).toEqual(['left behind', 'hello'])
  })

  it('is one draft in all tabs, which is gone where it was not changed when one sends it', async () => {
    const { page, context } = await windows.open(server.url)
    await logIn(page, alice)
    await openConversation(page, bob)
    await field(page).fill('a dra')
    const second = await context.newPage()
    await second.goto(`${server.url}/#/with/${bob.id}`)
    await eventually(async () => expect(await field(second).inputValue()).toBe('a dra'), patienceMs)
    await field(page).fill('a draft')
    await eventually(async () => expect(await field(second).inputValue()).toBe('a draft'), patienceMs)
    await say(page, 'a draft')
    await eventually(async () => expect(await field(second).inputValue()).toBe(''), patienceMs)
    await field(second).fill('something else')
    await expectTexts(second, ['hello', 'a draft'])
    expect(await field(second).inputValue()).toBe('something else')
  })
})
