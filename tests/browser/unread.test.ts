import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  asAccount,
  createAccount,
  logIn,
  look,
  messages,
  openConversation,
  patienceMs,
  readOnServer,
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

const long = 'a long message that takes several lines on the screen, '.repeat(9)
const numbered = (count: number, more = '', from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `message ${String(from + index).padStart(3, '0')} ${more}`)

describe('what is read', () => {
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
  })
  afterEach(() => windows.closeAll())
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  const bobSays = (texts: readonly string[]) =>
    asAccount(server.url, bob, (client) =>
      Promise.all(texts.map((text) => client.send({ to: alice.id, text }))),
    )
  const aliceHasRead = () => readOnServer(server.url, alice, bob)
  const line = (page: Page) => page.getByText('New messages', { exact: true })
  const jump = (page: Page) => page.getByRole('button', { name: 'Jump to newest' })

  async function openAsAlice(options: BrowserContextOptions = {}) {
    const { page } = await windows.open(server.url, { viewport: { width: 1_440, height: 900 }, ...options })
    await logIn(page, alice)
    await openConversation(page, bob)
    await messages(page).last().waitFor()
    return page
  }

  /** The seqs whose end is in view. */
  const inView = (page: Page) =>
    page.evaluate(`(() => {
      const log = document.querySelector('[role=log]').getBoundingClientRect()
      return [...document.querySelectorAll('[role=log] article')]
        .filter((one) => {
          const { bottom } = one.getBoundingClientRect()
          return bottom <= log.bottom + 1 && bottom > log.top
        })
        .map((one) => Number(one.dataset.seq))
    })()`) as Promise<number[]>
  const topOf = (page: Page, selector: string) =>
    page.evaluate(`(() => {
      const log = document.querySelector('[role=log]').getBoundingClientRect()
      return document.querySelector('${selector}').getBoundingClientRect().top - log.top
    })()`) as Promise<number>

  /** What the server counts as read ends where the view ends. */
  const readsWhatIsInView = (page: Page) =>
    eventually(async () => {
      const last = (await inView(page)).at(-1)!
      const read = await aliceHasRead()
      // A row ends a few pixels after its message.
      expect([last, last - 1]).toContain(read)
      return read
    }, patienceMs)

  /** Scrolls to the end, and tells all that came into view. */
  async function scrollToEnd(page: Page, last: number): Promise<Set<number>> {
    const seen = new Set<number>()
    await eventually(async () => {
      const shown = await inView(page)
      for (const seq of shown) seen.add(seq)
      // Wheels may add up between two looks; this does not go further than the view is high.
      if (shown.at(-1) !== last) await page.evaluate(`document.querySelector('[role=log]').scrollBy(0, 300)`)
      expect(shown.at(-1)).toBe(last)
    }, 90_000)
    return seen
  }

  it.each([
    { count: 30, more: long },
    { count: 70, more: '' },
    { count: 101, more: '' },
    { count: 500, more: '' },
  ])('begins at the first of $count unread messages, and goes on while one scrolls', async (given) => {
    const { count, more } = given
    await bobSays(numbered(count, more))
    const page = await openAsAlice()
    await line(page).waitFor()
    expect((await inView(page))[0]).toBe(1)
    expect(await readsWhatIsInView(page)).toBeLessThan(count)
    const below = Number(await jump(page).textContent())
    expect([0, 1]).toContain(count > 110 ? 0 : count - below - (await aliceHasRead()))

    const seen = await scrollToEnd(page, count)
    expect(seen.size).toBeGreaterThanOrEqual(count - 1)
    await eventually(async () => expect(await aliceHasRead()).toBe(count), patienceMs)
    await jump(page).waitFor({ state: 'hidden' })
    await eventually(async () => expect(await page.title()).toBe('Parley'), patienceMs)
  })

  it('begins there also in the middle of a long conversation, and with what was said before above', async () => {
    await bobSays(numbered(120))
    await asAccount(server.url, alice, async ({ conversations, receipts }) => {
      const { conversation } = await conversations.openDirect(bob.id)
      await receipts.advance(conversation!.id, { read: 120 })
    })
    await bobSays(numbered(80, '', 121))
    const page = await openAsAlice()
    await line(page).waitFor()
    expect(await inView(page)).toContain(121)
    expect((await readsWhatIsInView(page)) - 121).toBeLessThan(40)
    await page.getByRole('log').hover()
    await eventually(async () => {
      await page.mouse.wheel(0, -500)
      expect(await inView(page)).toContain(1)
    }, patienceMs)
    expect(await aliceHasRead()).toBeLessThan(170)
  })

  it('begins there on a phone too', async () => {
    await bobSays(numbered(40))
    const page = await openAsAlice({ viewport: { width: 390, height: 700 } })
    await line(page).waitFor()
    expect(await readsWhatIsInView(page)).toBeLessThan(30)
    await page.setViewportSize({ width: 390, height: 400 })
    const read = await aliceHasRead()
    expect((await inView(page)).at(-1)).toBeLessThanOrEqual(read)
  })

  it('ends at the newest when one jumps there, however far that is', async () => {
    await bobSays(numbered(300))
    const page = await openAsAlice()
    await line(page).waitFor()
    await jump(page).click()
    await eventually(async () => expect((await inView(page)).at(-1)).toBe(300), patienceMs)
    await eventually(async () => expect(await aliceHasRead()).toBe(300), patienceMs)
    // What was between is there as well.
    await page.getByRole('log').hover()
    await eventually(async () => {
      // Turns of the wheel that the browser takes late may carry it past.
      const [first = 0] = await inView(page)
      await page.mouse.wheel(0, first > 150 ? -700 : 700)
      expect(await inView(page)).toContain(150)
    }, patienceMs)
  })

  it('does not grow while one looks elsewhere, and one comes back to the first that came', async () => {
    await bobSays(numbered(3))
    const page = await openAsAlice()
    await eventually(async () => expect(await aliceHasRead()).toBe(3), patienceMs)
    await look(page, false)
    await bobSays(numbered(25, long, 4))
    await eventually(async () => expect(await page.title()).toBe('(25) Parley'), patienceMs)
    await line(page).waitFor()
    expect(await aliceHasRead()).toBe(3)
    expect(await inView(page)).toContain(4)
    const before = await topOf(page, '.unread-line')
    await look(page, true)
    expect(await readsWhatIsInView(page)).toBeLessThan(28)
    expect(await topOf(page, '.unread-line')).toBe(before)
    expect(before).toBeLessThan(200)
  })

  it('grows at once with what comes while one looks at the end, and not while one is scrolled up', async () => {
    await bobSays(numbered(60))
    const page = await openAsAlice()
    await line(page).waitFor()
    await jump(page).click()
    await eventually(async () => expect(await aliceHasRead()).toBe(60), patienceMs)
    await bobSays(numbered(1, '', 61))
    await eventually(async () => expect(await aliceHasRead()).toBe(61), patienceMs)

    await page.getByRole('log').hover()
    await page.mouse.wheel(0, -900)
    await jump(page).waitFor()
    await bobSays(numbered(2, '', 62))
    await eventually(async () => expect(await jump(page).textContent()).toBe('2'), patienceMs)
    expect(await aliceHasRead()).toBe(61)
    await jump(page).click()
    await eventually(async () => expect(await aliceHasRead()).toBe(63), patienceMs)
  })

  it('does not hold what is taller than the view until its end is seen', async () => {
    await bobSays(['short'])
    const page = await openAsAlice()
    await eventually(async () => expect(await aliceHasRead()).toBe(1), patienceMs)
    await bobSays([Array.from({ length: 90 }, (_, index) => `line ${index}`).join('\n')])
    await jump(page).waitFor()
    // One is at its beginning.
    expect(await topOf(page, 'article[data-seq="2"]')).toBeGreaterThanOrEqual(0)
    expect(await aliceHasRead()).toBe(1)
    await page.getByRole('log').focus()
    await page.keyboard.press('End')
    await eventually(async () => expect(await aliceHasRead()).toBe(2), patienceMs)
  })

  it('is marked by a line that goes when one answers', async () => {
    await bobSays(numbered(2))
    const page = await openAsAlice()
    await line(page).waitFor()
    await say(page, 'an answer')
    await messages(page).last().getByText('an answer').waitFor()
    await line(page).waitFor({ state: 'hidden' })
    // It comes again when there is reason to.
    await look(page, false)
    await bobSays(['one more'])
    await line(page).waitFor()
  })

  it('is what was in view, also above a message that waited while others said more', async () => {
    await bobSays(['hello'])
    const page = await openAsAlice()
    await eventually(async () => expect(await aliceHasRead()).toBe(1), patienceMs)
    await page.context().setOffline(true)
    await say(page, 'waits')
    await messages(page).getByRole('img', { name: 'Waiting to be sent' }).waitFor()
    await bobSays(numbered(25, long))
    await page.context().setOffline(false)
    await line(page).waitFor()
    await messages(page).getByText('message 001').waitFor()
    // One more may have been in view for a moment.
    const most = Math.max(...(await inView(page))) + 1
    await eventually(async () => {
      const read = await aliceHasRead()
      expect(read).toBeLessThanOrEqual(most)
      expect(await page.title()).toBe(`(${26 - read}) Parley`)
    }, patienceMs)
  })
})
