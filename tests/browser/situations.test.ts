import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  asAccount,
  conversationLink,
  createAccount,
  foundPeople,
  logIn,
  messages,
  openConversation,
  patienceMs,
  peopleSearch,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(120_000)

/** What people reported about other chat products. */
describe('in small situations', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  let me: Account
  let longNamed: Account
  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
    me = await createAccount(server.url, 'Me')
    longNamed = await createAccount(server.url, 'W'.repeat(100), 'W'.repeat(100))
    await asAccount(server.url, longNamed, async (client) => {
      const address = `https://example.com/${'a/b-'.repeat(300)}`
      for (const text of ['hello', 'x'.repeat(3_000), address, `Z${'\u0301'.repeat(90)}`])
        await client.send({ to: me.id, text })
    })
  })
  afterEach(() => windows.closeAll())
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  async function enter(options?: BrowserContextOptions): Promise<Page> {
    const { page } = await windows.open(server.url, options)
    await logIn(page, me)
    return page
  }

  it.each([
    ['320 pixels', { viewport: { width: 320, height: 568 } }],
    ['a zoom of 400 %', { viewport: { width: 360, height: 225 }, deviceScaleFactor: 4 }],
    ['a phone on its side', { viewport: { width: 844, height: 390 } }],
  ])('long names, words and addresses are nowhere wider than what holds them: %s', async (_, options) => {
    const page = await enter(options)
    await openConversation(page, longNamed)
    await messages(page).last().waitFor()
    const tooWide = `[...document.querySelectorAll('html, .messages, .messages-note, .bubble, .sidebar-list')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName)`
    expect(await page.evaluate(tooWide)).toEqual([])
  })

  it('in forced colours one sees which conversation is open', async () => {
    const page = await enter({ forcedColors: 'active' })
    await openConversation(page, longNamed)
    const outline = await conversationLink(page, longNamed).evaluate(
      (link) => link.ownerDocument.defaultView?.getComputedStyle(link).outlineStyle,
    )
    expect(outline).toBe('solid')
  })

  it('only the conversation is printed, and all of a message that is longer than the window', async () => {
    const page = await enter()
    await openConversation(page, longNamed)
    await messages(page).last().waitFor()
    await page.emulateMedia({ media: 'print' })
    for (const gone of [peopleSearch(page), page.getByLabel('Message', { exact: true })])
      expect(await gone.isVisible()).toBe(false)
    expect(await page.getByRole('heading', { name: 'WWW' }).isVisible()).toBe(true)
    const overflow = await page.evaluate(`getComputedStyle(document.querySelector('.messages')).overflowY`)
    expect(overflow).toBe('visible')
  })

  it('a search that could not reach the server goes on when it can be reached', async () => {
    const dana = await createAccount(server.url, 'Dana')
    const page = await enter()
    await page.context().setOffline(true)
    await peopleSearch(page).fill('dana')
    await page.getByText('The server cannot be reached.').waitFor()
    await page.context().setOffline(false)
    await foundPeople(page, /^Dana/).waitFor()
    await page.keyboard.press('Enter')
    await eventually(() => Promise.resolve(expect(page.url()).toContain(dana.id)), patienceMs)
  })

  it.each(['0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10', 'nonsense'])(
    'an address of nobody says so or shows the list, and leads back: %s',
    async (id) => {
      const page = await enter()
      await page.evaluate(`location.hash = '#/with/${id}'`)
      await page
        .getByText(id === 'nonsense' ? 'Choose a conversation' : 'There is nobody at this address.')
        .waitFor()
      await page.goBack()
      await page.getByText('Choose a conversation').waitFor()
    },
  )

  it('an address that was opened before logging in is where one is afterwards', async () => {
    const { page } = await windows.open(`${server.url}/#/with/${longNamed.id}`)
    // As phones fill it in: capitals, and a space behind.
    await page.getByLabel('E-mail').fill(`${me.email.toUpperCase()} `)
    await page.getByLabel('Password').fill('a good password')
    await page.keyboard.press('Enter')
    await messages(page).last().waitFor()
    await page.getByRole('heading', { name: 'WWW' }).waitFor()
  })
})
