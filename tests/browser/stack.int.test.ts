import { eventually } from '@parley/testing/eventually.ts'
import { type ComposedStack, startStack } from '../stack/composed-stack.ts'
import {
  type Account,
  banner,
  createAccount,
  expectTexts,
  logIn,
  openConversation,
  patienceMs,
  say,
} from './app.ts'
import { type AppWindow, startBrowser, type Windows } from './open-windows.ts'

const upTimeoutMs = 600_000
jest.setTimeout(180_000)

/** The web app through nginx, as people reach it where the stack runs. */
describe('two windows on the composed stack', () => {
  let stack: ComposedStack
  let windows: Windows
  let failed = true
  beforeAll(async () => {
    windows = await startBrowser()
    stack = await startStack({ project: 'parley-test-browser', scale: { realtime: 2 } })
  }, upTimeoutMs)
  afterAll(async () => {
    await windows?.end()
    if (failed) await stack?.saveLogs()
    await stack?.down()
  }, upTimeoutMs)

  it('talk, go on when every gateway is killed, and miss nothing', async () => {
    async function enter(firstName: string): Promise<AppWindow & { account: Account }> {
      const account = await createAccount(stack.url, firstName)
      const window = await windows.open(stack.url)
      await logIn(window.page, account)
      return { ...window, account }
    }
    const [alice, bob] = [await enter('Alice'), await enter('Bob')]
    await openConversation(alice.page, bob.account)
    await openConversation(bob.page, alice.account)
    await say(alice.page, 'first')
    for (const { page } of [alice, bob]) await expectTexts(page, ['first'])
    await say(bob.page, 'second')
    for (const { page } of [alice, bob]) await expectTexts(page, ['first', 'second'])
    expect([...alice.complaints, ...bob.complaints]).toEqual([])

    await stack.compose('kill', 'realtime')
    for (const { page } of [alice, bob])
      await eventually(async () => expect(await banner(page).textContent()).not.toBe(''), patienceMs)
    // Messages go over HTTP while there is no socket.
    await say(alice.page, 'meanwhile')
    await expectTexts(alice.page, ['first', 'second', 'meanwhile'])
    await stack.compose('up', '--detach', '--no-recreate', '--wait', '--scale', 'realtime=2', 'realtime')
    for (const { page } of [alice, bob]) {
      await eventually(async () => expect(await banner(page).textContent()).toBe(''), 60_000)
      await expectTexts(page, ['first', 'second', 'meanwhile'], 60_000)
    }
    for (const { complaints } of [alice, bob])
      expect(complaints.filter((text) => !/WebSocket|status of 50\d/.test(text))).toEqual([])
    failed = false
  })
})
