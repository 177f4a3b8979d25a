import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  asAccount,
  banner,
  conversationLink,
  createAccount,
  expectTexts,
  fillLogin,
  foundPeople,
  logIn,
  messages,
  openConversation,
  password,
  patienceMs,
  peopleSearch,
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(120_000)

const invite = 'an-invite-of-ours'
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `message ${index}`)
const soon = (check: () => Promise<void>) => eventually(check, patienceMs)
const alert = (page: Page) => page.getByRole('alert')
/** What is said about a field. */
const saidOf = (page: Page, name: string) => page.locator(`#${name}-note`)

describe('whoever meets a limit is told what is so, loses nothing, and goes on', () => {
  const folder = createTemporaryFolder()
  const dataFolder = join(folder.path, 'data')
  let server: EmbeddedProcess | undefined
  let windows: Windows
  beforeAll(async () => (windows = await startBrowser()))
  afterEach(async () => {
    await windows.closeAll()
    await server?.end('SIGTERM')
  })
  afterAll(async () => {
    await windows?.end()
    folder.remove()
  })

  async function start(env: Readonly<Record<string, string>>): Promise<string> {
    server = await startEmbedded({ dataFolder, env })
    return server.url
  }

  const signUpWith = {
    firstName: 'Ida',
    lastName: 'Invited',
    email: `ida-${Date.now()}@example.com`,
    password,
  }
  async function fillSignUp(page: Page, fields: Partial<typeof signUpWith> = {}): Promise<void> {
    for (const [name, value] of Object.entries({ ...signUpWith, ...fields }))
      await page.locator(`#${name}`).fill(value)
    await page.getByRole('button', { name: 'Sign up' }).click()
  }

  it('who signs up: a name, a password and an invite that are not good, each at its field', async () => {
    const { page } = await windows.open(await start({ REGISTRATION: 'invite', INVITE_CODES: invite }))
    await page.getByRole('button', { name: 'Create an account' }).click()
    await fillSignUp(page, { password: 'too short' })
    await soon(async () =>
      expect(await saidOf(page, 'password').textContent()).toContain('at least 10 characters'),
    )
    await fillSignUp(page, { firstName: 'a\u202Eb', password: '1234567890' })
    await soon(async () =>
      expect(await saidOf(page, 'firstName').textContent()).toContain('direction of writing'),
    )
    // The door is asked before the password is looked at.
    await fillSignUp(page, { password: '1234567890' })
    await soon(async () =>
      expect(await saidOf(page, 'invite').textContent()).toContain('Invite code is needed'),
    )
    const field = page.getByLabel('Invite code')
    expect(await field.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
    await page.keyboard.type('a wrong one')
    await page.keyboard.press('Enter')
    await soon(async () =>
      expect(await saidOf(page, 'invite').textContent()).toContain('is not one that is good here'),
    )
    await field.fill(invite)
    await page.keyboard.press('Enter')
    await soon(async () => expect(await saidOf(page, 'password').textContent()).toContain('guessed first'))
    for (const name of ['firstName', 'lastName', 'email'] as const)
      expect(await page.locator(`#${name}`).inputValue()).toBe(signUpWith[name])
    expect(await field.inputValue()).toBe(invite)
    await page.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await page.getByText('You have no conversations yet.').waitFor()
  })

  it('who signs up where nobody may', async () => {
    const { page } = await windows.open(await start({ REGISTRATION: 'closed' }))
    await page.getByRole('button', { name: 'Create an account' }).click()
    await fillSignUp(page)
    await soon(async () =>
      expect(await alert(page).textContent()).toBe('This server takes no new accounts. Ask whoever runs it.'),
    )
    expect(await page.getByLabel('Invite code').count()).toBe(0)
    expect(await page.getByLabel('E-mail').inputValue()).toBe(signUpWith.email)
  })

  it('who has an account now, and has to wait before the first login', async () => {
    const { page } = await windows.open(await start({ AUTH_ATTEMPTS_PER_ADDRESS: '1' }))
    await page.getByRole('button', { name: 'Create an account' }).click()
    await fillSignUp(page, { email: `again-${signUpWith.email}` })
    await soon(async () =>
      expect(await alert(page).textContent()).toMatch(
        /^Your account is ready. Too many tries. (Try again in|Wait a moment)/,
      ),
    )
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(await page.getByLabel('E-mail').inputValue()).toBe(`again-${signUpWith.email}`)
    expect(await page.getByLabel('Password').inputValue()).toBe(password)
  })

  it('who guessed too often', async () => {
    const url = await start({ LOGIN_FAILURES_PER_ACCOUNT: '1' })
    const account = await createAccount(url, 'Guessed')
    const { page } = await windows.open(url)
    const words = ['password is wrong', 'password is wrong', 'Too many tries. Try again in']
    for (const said of words) {
      await fillLogin(page, account, `not ${password}`)
      await soon(async () => expect(await alert(page).textContent()).toContain(said))
    }
    expect(await alert(page).textContent()).toMatch(/Try again in (\d\d) seconds\.$/)
    expect(await page.getByLabel('E-mail').inputValue()).toBe(account.email)
  })

  it('who asks and sends too fast: all is loaded, and what waits says so and is sent in order', async () => {
    const open = await start({})
    const [alice, bob] = [await createAccount(open, 'Alice'), await createAccount(open, 'Bob')]
    await asAccount(open, bob, (client) => client.send({ to: alice.id, text: 'hello' }))
    await server?.end('SIGTERM')

    const limits = { SENDS_PER_SECOND: '1', SENDS_BURST: '1', READS_PER_SECOND: '1', READS_BURST: '1' }
    const url = await start({ ...limits, HTTP_MAX_REQUESTS_PER_USER: '1', SEARCHES_PER_USER: '1' })
    const { page } = await windows.open(url)
    await logIn(page, alice)
    await openConversation(page, bob)
    await conversationLink(page, bob).waitFor()
    await expectTexts(page, ['hello'])
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)

    for (const text of numbers(4)) await say(page, text)
    await messages(page).getByText('They go out by themselves').first().waitFor()
    await messages(page).getByRole('img', { name: 'Waiting to be sent' }).last().waitFor()
    await expectTexts(page, ['hello', ...numbers(4)])
    expect(await messages(page).getByText('They go out by themselves').count()).toBe(0)

    await peopleSearch(page).fill('ali')
    await page.getByText('Nobody was found.').waitFor()
    await peopleSearch(page).fill('alic')
    await page
      .getByText(/You have searched very often. The search goes on in (\d+ seconds|one minute)\./)
      .waitFor()
    expect(await foundPeople(page).count()).toBe(0)
  })

  it('who has too many windows open', async () => {
    const url = await start({ SOCKETS_PER_USER: '1' })
    const [carol, dan] = [await createAccount(url, 'Carol'), await createAccount(url, 'Dan')]
    const first = await windows.open(url)
    await logIn(first.page, carol)
    await soon(async () => expect(await banner(first.page).textContent()).toBe(''))
    await asAccount(url, dan, (client) => client.send({ to: carol.id, text: 'hello' }))
    await conversationLink(first.page, dan).waitFor()

    const { page } = await windows.open(url)
    await logIn(page, carol)
    await soon(async () => expect(await banner(page).textContent()).toContain('open in too many places'))
    await openConversation(page, dan)
    await expectTexts(page, ['hello'])
    await say(page, 'and you')
    await expectTexts(page, ['hello', 'and you'])
    await first.context.close()
    // As when one comes back to the network: most likely it need not wait for the half minute that the server asked for.
    await page.evaluate(`dispatchEvent(new Event('online'))`)
    await eventually(async () => expect(await banner(page).textContent()).toBe(''), 60_000)
  })
})
