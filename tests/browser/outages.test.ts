import { join } from 'node:path'
import { type Line, openLine } from '@parley/testing/line.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  type Account,
  asAccount,
  banner,
  createAccount,
  expectTexts,
  logIn,
  messages,
  openConversation,
  patienceMs,
  say,
  shownMessages,
} from './app.ts'
import { type AppWindow, startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

/** After an outage the app tries again after at most ten seconds. */
const comeBackMs = 60_000
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `message ${String(from + index).padStart(3, '0')}`)

describe('while something is away', () => {
  const folder = createTemporaryFolder()
  const dataFolder = join(folder.path, 'data')
  let server: EmbeddedProcess
  let windows: Windows
  let line: Line
  let alice: AppWindow & { account: Account }
  let bob: AppWindow & { account: Account }
  const port = () => Number(new URL(server.url).port)

  beforeAll(async () => {
    server = await startEmbedded({ dataFolder })
    windows = await startBrowser()
  })
  // Two people who have said one thing; Alice is on a line of her own.
  beforeEach(async () => {
    line = await openLine(port)
    const accounts = [
      await createAccount(server.url, 'Alice'),
      await createAccount(server.url, 'Bob'),
    ] as const
    const [toServer, toLine] = [server.url, `http://127.0.0.1:${line.port}`]
    alice = { account: accounts[0], ...(await windows.open(toLine)) }
    bob = { account: accounts[1], ...(await windows.open(toServer)) }
    for (const { page, account } of [alice, bob]) await logIn(page, account)
    await openConversation(alice.page, bob.account)
    await openConversation(bob.page, alice.account)
    await say(alice.page, 'message 000')
    for (const { page } of [alice, bob]) await expectTexts(page, ['message 000'])
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

  const saysSomething = (page: AppWindow['page']) =>
    eventually(async () => expect(await banner(page).textContent()).not.toBe(''), patienceMs)
  const saysNothing = (page: AppWindow['page']) =>
    eventually(async () => expect(await banner(page).textContent()).toBe(''), comeBackMs)

  it.each(['the line is cut', 'the browser says that it is offline'])(
    'because %s: it says so, and comes back with everything once and in order',
    async (how) => {
      const offline = async (isOffline: boolean) => {
        if (how !== 'the line is cut') return alice.context.setOffline(isOffline)
        if (isOffline) line.cut()
        else line.mend()
      }
      await offline(true)
      await saysSomething(alice.page)
      await say(alice.page, 'message 001')
      await messages(alice.page)
        .getByRole('img', { name: /^(Sending|Waiting to be sent)$/ })
        .waitFor()
      for (const text of numbers(2, 9)) await say(bob.page, text)
      await expectTexts(bob.page, ['message 000', ...numbers(2, 9)])

      await offline(false)
      await saysNothing(alice.page)
      // What Alice said while she was away was accepted last.
      const all = ['message 000', ...numbers(2, 9), 'message 001']
      for (const { page } of [alice, bob]) await expectTexts(page, all, comeBackMs)
      expect(alice.complaints.filter((text) => !/ERR_|WebSocket/.test(text))).toEqual([])
      expect(bob.complaints).toEqual([])
    },
  )

  it('holds a message that was written without a connection over a reload, and sends it once', async () => {
    await alice.context.setOffline(true)
    await saysSomething(alice.page)
    await say(alice.page, 'message 001')
    await messages(alice.page)
      .getByRole('img', { name: /^(Sending|Waiting to be sent)$/ })
      .waitFor()
    await alice.context.setOffline(false)
    await alice.page.reload()
    for (const { page } of [alice, bob]) await expectTexts(page, ['message 000', 'message 001'], comeBackMs)
  })

  it('loses and doubles nothing when the server is killed while both talk', async () => {
    const said: string[] = []
    const talking = new AbortController()
    const talk = async (name: string, { page }: AppWindow) => {
      for (let number = 0; !talking.signal.aborted; number += 1) {
        const text = `${name} ${String(number).padStart(3, '0')}`
        said.push(text)
        await say(page, text)
        await page.waitForTimeout(150)
      }
    }
    const talks = [talk('from-alice', alice), talk('from-bob', bob)]
    await eventually(() => expect(said.length).toBeGreaterThan(10), comeBackMs)
    const samePort = port()
    await server.end('SIGKILL')
    for (const { page } of [alice, bob]) await saysSomething(page)
    server = await startEmbedded({ dataFolder, port: samePort })
    for (const { page } of [alice, bob]) await saysNothing(page)
    const before = said.length
    await eventually(() => expect(said.length).toBeGreaterThan(before + 5), comeBackMs)
    talking.abort()
    await Promise.all(talks)

    await eventually(async () => {
      const stored = await readHistory(server.url, alice.account, bob.account)
      expect(stored.toSorted()).toEqual(['message 000', ...said].toSorted())
    }, comeBackMs)
    for (const { page } of [alice, bob]) {
      await eventually(async () => {
        const shown = await shownMessages(page)
        const seqs = shown.map(({ seq }) => Number(seq))
        expect(seqs.at(-1)).toBe(said.length + 1)
        expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index))
      }, comeBackMs)
      for (const name of ['from-alice', 'from-bob']) {
        const shown = (await shownMessages(page)).flatMap(
          ({ text }) => new RegExp(`${name} \\d{3}`).exec(text)?.[0] ?? [],
        )
        // In the order in which they were said, each once.
        expect(shown).toEqual([...new Set(shown)].toSorted())
        expect(shown.length).toBeGreaterThan(0)
      }
    }
    for (const { complaints } of [alice, bob])
      expect(complaints.filter((text) => !/ERR_|WebSocket/.test(text))).toEqual([])
  })
})

/** The texts of a conversation, oldest first, as the server has them. */
const readHistory = (url: string, one: Account, other: Account): Promise<string[]> =>
  asAccount(url, one, async ({ conversations }) => {
    const texts: string[] = []
    for (let before: number | undefined; ;) {
      const page = await conversations.openDirect(other.id, { before, limit: 100 })
      texts.unshift(...page.messages.map(({ text }) => text).toReversed())
      if (page.nextBefore === null) return texts
      before = page.nextBefore
    }
  })
