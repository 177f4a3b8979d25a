import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { type Line, openLine } from '@parley/testing/line.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  asAccount,
  banner,
  conversationLink,
  createAccount,
  logIn,
  look,
  messages,
  openAccountMenu,
  openConversation,
  patienceMs,
  say,
} from './app.ts'
import { type AppWindow, startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

/** What the page shows as notifications, since a browser without a screen shows none. */
const recordNotifications = `
  window.notes = []
  window.Notification = class extends EventTarget {
    static permission = 'granted'
    constructor(title, options) {
      super()
      this.note = { title, ...options, closed: false }
      window.notes.push(this.note)
    }
    close() { this.note.closed = true }
  }`

interface Note {
  readonly title: string
  readonly body: string
  readonly tag: string
  readonly renotify: boolean
  readonly closed: boolean
}

describe('what the app shows', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  let line: Line
  let alice: Account
  let bob: Account

  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
  })
  beforeEach(async () => {
    line = await openLine(() => Number(new URL(server.url).port))
    alice = await createAccount(server.url, 'Alice')
    bob = await createAccount(server.url, 'Bob')
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

  const soon = <R>(check: () => Promise<R>) => eventually(check, patienceMs)
  const tell = (from: Account, text: string, to = alice) =>
    asAccount(server.url, from, (client) => client.send({ to: to.id, text }))

  async function openAs(account: Account, url: string): Promise<AppWindow> {
    const window = await windows.open(url)
    await logIn(window.page, account)
    return window
  }
  const throughLine = () => openAs(alice, `http://127.0.0.1:${line.port}`)
  const linkText = (page: Page, person: Account) => conversationLink(page, person).textContent()
  const turnOnNotifications = async (page: Page) =>
    (await openAccountMenu(page)).getByRole('menuitem', { name: 'Turn on notifications' }).click()
  const cutLine = async (page: Page) => {
    line.cut()
    await soon(async () => expect(await banner(page).textContent()).not.toBe(''))
  }

  it('tells nothing about who is online while it cannot know', async () => {
    await tell(bob, 'hello')
    await openAs(bob, server.url)
    const { page } = await throughLine()
    await openConversation(page, bob)
    const presence = page.locator('.conversation-presence')
    await soon(async () => expect(await presence.textContent()).toBe('online'))
    expect(await linkText(page, bob)).toContain('online')

    await cutLine(page)
    await soon(async () => expect(await presence.textContent()).toBe(''))
    expect(await linkText(page, bob)).not.toMatch(/online|offline/)

    line.mend()
    await soon(async () => expect(await presence.textContent()).toBe('online'))
    await windows.closeAll()
  })

  it('names whom a message comes from, also when their conversation cannot be had', async () => {
    const { page, context } = await windows.open(server.url)
    await context.addInitScript(recordNotifications)
    await page.reload()
    await logIn(page, alice)
    await turnOnNotifications(page)
    await look(page, false)
    await page.route('**/chat/conversations/*', (route) => route.abort())
    await tell(bob, 'hello')
    const notes = () => page.evaluate('notes') as Promise<Note[]>
    await soon(async () => expect((await notes()).map(({ title }) => title)).toEqual(['Bob Test']))
    const spoken = (text: string) =>
      page.locator('[aria-live=polite]').getByText(text, { exact: true }).waitFor({ state: 'attached' })
    await spoken('Bob: hello')

    // Somebody who could be taken for Bob is not.
    const like = await createAccount(server.url, 'B0b')
    await tell(like, 'hello too')
    const name = `B0b Test #${like.id.slice(-4)}`
    await soon(async () => expect((await notes()).at(-1)?.title).toBe(name))
    await spoken(`${name}: hello too`)
  })

  it('notifies of every message, and no longer of what was read elsewhere', async () => {
    const { page, context } = await windows.open(server.url)
    await context.addInitScript(recordNotifications)
    await page.reload()
    await logIn(page, alice)
    await turnOnNotifications(page)
    await look(page, false)
    for (const text of ['one', 'two']) await tell(bob, text)
    const notes = () => page.evaluate('notes') as Promise<Note[]>
    await soon(async () =>
      expect(await notes()).toEqual([
        expect.objectContaining({ body: 'one', renotify: true, tag: expect.any(String) }),
        expect.objectContaining({ body: 'two', renotify: true, tag: expect.any(String) }),
      ]),
    )
    expect((await notes())[1]?.closed).toBe(false)
    const elsewhere = await openAs(alice, server.url)
    await openConversation(elsewhere.page, bob)
    await soon(async () => expect((await notes()).at(-1)?.closed).toBe(true))
  })

  it('notifies once, however many tabs there are', async () => {
    const first = await windows.open(server.url)
    await first.context.addInitScript(recordNotifications)
    await first.page.reload()
    await logIn(first.page, alice)
    await turnOnNotifications(first.page)
    const second = await first.context.newPage()
    await second.goto(server.url)
    const menu = await openAccountMenu(second)
    await menu.getByRole('menuitem', { name: 'Turn off notifications' }).waitFor()
    for (const page of [first.page, second]) await look(page, false)
    await tell(bob, 'one')
    for (const page of [first.page, second])
      await conversationLink(page, bob).getByText('one', { exact: true }).waitFor()
    await tell(bob, 'two')
    for (const page of [first.page, second])
      await conversationLink(page, bob).getByText('two', { exact: true }).waitFor()
    const bodies = async () =>
      (await Promise.all([first.page, second].map((page) => page.evaluate<Note[]>('notes'))))
        .flat()
        .map(({ body }) => body)
    await soon(async () => expect((await bodies()).toSorted()).toEqual(['one', 'two']))
    // Turned off in one, they are off in all.
    await (
      await openAccountMenu(first.page)
    )
      .getByRole('menuitem', { name: 'Turn off notifications' })
      .click()
    await menu.getByRole('menuitem', { name: 'Turn on notifications' }).waitFor()
  })

  it('counts what is unread in all conversations, however many of them are loaded', async () => {
    const others = 60
    for (let number = 1; number <= others; number += 1) {
      const other = await createAccount(server.url, `Other${number}`)
      await tell(other, 'hello')
      if (number === 1) bob = other
    }
    const { page } = await openAs(alice, server.url)
    await soon(async () => expect(await page.title()).toBe(`(${others}) Parley`))
    // Of the first one the list knows nothing yet.
    await tell(bob, 'and again')
    await soon(async () => expect(await page.title()).toBe(`(${others + 1}) Parley`))
    const { page: elsewhere } = await openAs(alice, server.url)
    await openConversation(elsewhere, bob)
    for (const one of [page, elsewhere])
      await soon(async () => expect(await one.title()).toBe(`(${others - 1}) Parley`))
    const list = page.getByRole('navigation', { name: 'Conversations' })
    await list.evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await soon(async () => expect(await list.getByRole('listitem').count()).toBe(others))
    expect(await page.title()).toBe(`(${others - 1}) Parley`)
  })

  it('lists a person to whom the first message waits, and what was refused', async () => {
    await tell(bob, 'hello')
    const carol = await createAccount(server.url, 'Carol')
    const { page } = await throughLine()
    await openConversation(page, carol)
    await page.getByRole('heading', { name: 'Carol Test' }).waitFor()
    await cutLine(page)
    await say(page, 'a first word')
    await soon(async () =>
      expect(await linkText(page, carol)).toMatch(/You: a first word.*waiting to be sent/i),
    )
    // It is there after a reload too.
    line.mend()
    await soon(async () => expect(await linkText(page, carol)).not.toMatch(/waiting/i))

    await page.evaluate(`localStorage.setItem('parley.unsent.${alice.id}.k1', JSON.stringify(
      { clientId: 'k1', to: '${bob.id}', text: 'refused', since: Date.now(), state: 'failed', problem: 'No.' }))`)
    await page.reload()
    await soon(async () => expect(await linkText(page, bob)).toMatch(/You: refused.*not sent/i))
  })

  it('follows the time zone', async () => {
    await tell(bob, 'hello')
    const { page, context } = await windows.open(server.url, { locale: 'en-GB' })
    const browser = await context.newCDPSession(page)
    const travel = (timezoneId: string) => browser.send('Emulation.setTimezoneOverride', { timezoneId })
    await travel('America/New_York')
    await page.reload()
    await logIn(page, alice)
    await openConversation(page, bob)
    const time = messages(page).locator('time')
    const at = new Date((await time.getAttribute('datetime'))!)
    const there = (timeZone: string) =>
      new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', minute: '2-digit' }).format(at)
    expect(await time.textContent()).toBe(there('America/New_York'))
    await travel('Asia/Kathmandu')
    await page.evaluate(`dispatchEvent(new Event('focus'))`)
    await soon(async () => expect(await time.textContent()).toBe(there('Asia/Kathmandu')))
    expect(await conversationLink(page, bob).locator('time').textContent()).toBe(there('Asia/Kathmandu'))
  })

  it('does not send when Enter ends a composition, as Safari tells it', async () => {
    await tell(bob, 'hello')
    const { page } = await openAs(alice, server.url)
    await openConversation(page, bob)
    const field = page.getByLabel('Message', { exact: true })
    await field.fill('かな')
    const pressEnter = (keyCode: number) =>
      page.evaluate(`document.querySelector('textarea').dispatchEvent(new KeyboardEvent('keydown',
        { key: 'Enter', keyCode: ${keyCode}, bubbles: true, cancelable: true }))`)
    await pressEnter(229)
    expect(await field.inputValue()).toBe('かな')
    await pressEnter(13)
    await messages(page).last().getByText('かな').waitFor()
    expect(await field.inputValue()).toBe('')
  })
})
