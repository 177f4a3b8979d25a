import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  conversationLink,
  createAccount,
  expectTexts,
  fillLogin,
  foundPeople,
  logOut,
  messages,
  openAccountMenu,
  peopleSearch,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(180_000)

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const alice = { email: 'alice@example.com', firstName: 'Alice' }
const bob = { email: 'bob@example.com', firstName: 'Bob' }
const demoPassword = 'parley-demo'

const looks: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light', viewport: { width: 1_440, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1_440, height: 900 } }],
  ['on a phone', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
  ['dark, on a phone', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
]

/** What axe finds wrong; runs past the page's Content-Security-Policy, as a debugger does. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations, passes } = (await page.evaluate('axe.run()')) as {
    passes: unknown[]
    violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  // It has looked at something.
  expect(passes.length).toBeGreaterThan(10)
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
  )
}

describe('everybody can use it', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data'), demo: true })
    windows = await startBrowser()
  })
  afterEach(() => windows.closeAll())
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  it.each(looks)('%s: axe finds nothing, and nothing is wider than the window', async (_, options) => {
    const { page, complaints } = await windows.open(server.url, options)
    const check = async (where: string) => {
      expect([where, await violations(page)]).toEqual([where, []])
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect([where, await page.evaluate(overflow)]).toEqual([where, 0])
    }
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    await check('log in')
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByLabel('First name').waitFor()
    await check('sign up')
    await page.getByRole('button', { name: 'I have an account' }).click()
    await fillLogin(page, alice, 'not the password')
    await page.getByRole('alert').waitFor()
    await check('a wrong password')
    await fillLogin(page, alice, demoPassword)
    await conversationLink(page, bob).waitFor()
    await check('the list')
    await conversationLink(page, bob).click()
    await messages(page).last().waitFor()
    await check('a conversation')
    if (options.viewport!.width < 600) await page.getByRole('link', { name: 'Back to conversations' }).click()
    await peopleSearch(page).fill('y')
    await foundPeople(page, /Yuki/).waitFor()
    await check('people')
    await peopleSearch(page).fill('nobody of this name')
    await page.getByText('Nobody was found.').waitFor()
    await check('nobody')
    await page.keyboard.press('Escape')
    await openAccountMenu(page)
    await check('the menu')
    await page.keyboard.press('Escape')
    await conversationLink(page, bob).click()
    await page.getByLabel('Message', { exact: true }).fill('a draft')
    if (options.viewport!.width < 600) await page.getByRole('link', { name: 'Back to conversations' }).click()
    await logOut(page)
    await page.getByRole('button', { name: 'Log out anyway' }).waitFor()
    await check('log out')
    expect(complaints.filter((text) => !text.includes('status of 404'))).toEqual([])
  })

  it('works with the keyboard alone', async () => {
    const account = await createAccount(server.url, 'Keyboard')
    const { page } = await windows.open(server.url)
    const { keyboard } = page
    const focused = () =>
      page.evaluate(
        `(() => { const at = document.activeElement; return at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent?.trim() ?? at.textContent.trim() })()`,
      ) as Promise<string>
    /** Tabs on until that has the focus. */
    async function tabTo(name: RegExp): Promise<void> {
      for (let presses = 0; presses < 40; presses += 1) {
        if (name.test(await focused())) return
        await keyboard.press('Tab')
      }
      throw new Error(`Tab does not lead to ${name}; it is at ${await focused()}`)
    }

    await page.getByLabel('E-mail').waitFor()
    await tabTo(/^E-mail/)
    await keyboard.type(account.email)
    await tabTo(/^Password/)
    await keyboard.type('a good password')
    await keyboard.press('Enter')
    await peopleSearch(page).waitFor()

    await tabTo(/^Search people/)
    await keyboard.type('Yuki')
    await foundPeople(page, /Yuki/).waitFor()
    await keyboard.press('Enter')
    await eventually(async () => expect(await focused()).toMatch(/^Message/))
    await keyboard.type('with the keyboard')
    await keyboard.press('Shift+Enter')
    await keyboard.type('alone')
    await keyboard.press('Enter')
    await expectTexts(page, ['with the keyboard\nalone'])

    // The search is left with Escape, and the focus goes back to where it came from.
    await keyboard.press('Control+K')
    await eventually(async () => expect(await focused()).toMatch(/^Search people/))
    await keyboard.type('Bob')
    await keyboard.press('Escape')
    expect(await focused()).toMatch(/^Message/)
    expect(await peopleSearch(page).inputValue()).toBe('')

    // So is the menu.
    await tabTo(/^KTKeyboard Test/)
    await keyboard.press('ArrowDown')
    await eventually(async () => expect(await focused()).toMatch(/notifications$/))
    await keyboard.press('Escape')
    expect(await focused()).toMatch(/^KTKeyboard Test/)
    await keyboard.press('Enter')
    await keyboard.press('End')
    await eventually(async () => expect(await focused()).toMatch(/^Log out/))
    await keyboard.press('Enter')
    await page.getByRole('button', { name: 'Log in' }).waitFor()
  })
})
