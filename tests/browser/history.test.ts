import { join } from 'node:path'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  asAccount,
  createAccount,
  logIn,
  messages,
  openConversation,
  patienceMs,
  say,
  shownMessages,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

const count = 400
const textOf = (number: number): string =>
  `line ${String(number).padStart(4, '0')}${number % 7 === 0 ? `\n${'long text '.repeat(number % 40)}` : ''}`

describe('a long conversation', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  let alice: Account
  let bob: Account

  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
    alice = await createAccount(server.url, 'Alice')
    bob = await createAccount(server.url, 'Bob')
    // Hers, so that nothing of it is unread, and it opens at its end.
    await asAccount(server.url, alice, (client) =>
      Promise.all(
        Array.from({ length: count }, (_, index) => client.send({ to: bob.id, text: textOf(index + 1) })),
      ),
    )
  })
  afterEach(() => windows.closeAll())
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  async function openAsAlice(): Promise<Page> {
    const { page } = await windows.open(server.url)
    await logIn(page, alice)
    await openConversation(page, bob)
    await messages(page).last().waitFor()
    return page
  }
  const seqs = async (page: Page) => (await shownMessages(page)).map(({ seq }) => Number(seq))
  const contiguous = (numbers: readonly number[]) =>
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index))

  /** On many lanes, since the messages of one client wait for each other; on one session, as logins are limited. */
  const sayMuch = (sender: Account, many: number) =>
    asAccount(server.url, sender, async (_, session) => {
      const lanes = Array.from({ length: 20 }, () => createParleyClient({ url: server.url }))
      try {
        await Promise.all(
          lanes.map(async (client, lane) => {
            client.resume(session)
            const numbers = Array.from({ length: many / 20 }, (_, index) => lane + index * 20)
            await Promise.all(numbers.map((number) => client.send({ to: alice.id, text: textOf(number) })))
          }),
        )
      } finally {
        for (const client of lanes) client.close()
      }
    })

  /** The message that stands highest in view, and where. */
  const anchor = (page: Page) =>
    page.evaluate(`(() => {
      const log = document.querySelector('[role=log]')
      const top = log.getBoundingClientRect().top
      const first = [...log.querySelectorAll('article')].find((one) => one.getBoundingClientRect().top >= top)
      return { seq: first.dataset.seq, top: Math.round(first.getBoundingClientRect().top) }
    })()`) as Promise<{ seq: string; top: number }>
  const topOf = (page: Page, seq: string) =>
    page.evaluate(
      `Math.round(document.querySelector('article[data-seq="${seq}"]')?.getBoundingClientRect().top ?? -9999)`,
    ) as Promise<number>

  it('opens at its end, and shows all of it to whoever scrolls up, without a hole', async () => {
    const page = await openAsAlice()
    await eventually(async () => expect((await seqs(page)).at(-1)).toBe(count), patienceMs)
    const seen = new Set<number>()
    await messages(page).last().hover()
    await eventually(async () => {
      const shown = await seqs(page)
      contiguous(shown)
      for (const seq of shown) seen.add(seq)
      // However long it is, the page holds a part of it.
      expect(shown.length).toBeLessThan(150)
      if (!shown.includes(1)) await page.mouse.wheel(0, -600)
      expect(shown).toContain(1)
    }, 120_000)
    expect(seen.size).toBe(count)
  })

  it('keeps its place when older messages are loaded above, and when a new one comes below', async () => {
    const page = await openAsAlice()
    await messages(page).last().hover()
    const oldest = async () => (await seqs(page))[0]!
    for (let round = 0; round < 3; round += 1) {
      await page.mouse.wheel(0, -1_500)
      // What is loaded above moves nothing that is in view.
      await eventually(async () => {
        const before = await anchor(page)
        await page.waitForTimeout(300)
        expect(Math.abs((await topOf(page, before.seq)) - before.top)).toBeLessThanOrEqual(2)
      }, patienceMs)
    }
    expect(await oldest()).toBeLessThan(count - 30)

    const before = await anchor(page)
    await asAccount(server.url, bob, (client) => client.send({ to: alice.id, text: 'something new' }))
    await page.getByRole('button', { name: 'Jump to newest' }).waitFor()
    await page.waitForTimeout(500)
    expect(Math.abs((await topOf(page, before.seq)) - before.top)).toBeLessThanOrEqual(2)

    await page.getByRole('button', { name: 'Jump to newest' }).click()
    await messages(page).last().getByText('something new').waitFor()
    await say(page, 'an answer')
    await messages(page).last().getByText('an answer').waitFor()
  })

  it('holds ten thousand messages and draws a screenful, from the oldest to the newest', async () => {
    const many = 10_000
    const carol = await createAccount(server.url, 'Carol')
    await sayMuch(carol, many)
    const { page } = await windows.open(server.url)
    await logIn(page, alice)
    await openConversation(page, carol)
    await messages(page).last().waitFor()
    const scrollTo = (place: '0' | 'log.scrollHeight') =>
      page.evaluate(
        `(() => { const log = document.querySelector('[role=log]'); log.scrollTop = ${place} })()`,
      )
    await eventually(async () => {
      await scrollTo('0')
      const shown = await seqs(page)
      contiguous(shown)
      expect(shown.length).toBeLessThan(150)
      expect(shown[0]).toBe(1)
    }, 120_000)
    await eventually(async () => {
      await scrollTo('log.scrollHeight')
      const shown = await seqs(page)
      contiguous(shown)
      expect(shown.length).toBeLessThan(150)
      expect(shown.at(-1)).toBe(many)
      // One began at the first unread message, the oldest, so all pages are loaded on the way.
    }, 120_000)
  })
})
