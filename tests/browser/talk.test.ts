import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  banner,
  conversationLink,
  conversationList,
  createAccount,
  expectTexts,
  fillLogin,
  foundPeople,
  logIn,
  logOut,
  messages,
  openConversation,
  password,
  patienceMs,
  peopleSearch,
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(120_000)

describe('two people in two windows', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
  })
  afterEach(() => windows.closeAll())
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  const soon = (check: () => Promise<void>) => eventually(check, patienceMs)

  /** A window in which a new person is logged in. */
  async function enter(firstName: string) {
    const account = await createAccount(server.url, firstName)
    const window = await windows.open(server.url)
    await logIn(window.page, account)
    return { ...window, account }
  }

  it('sign up, find each other, talk, and see that it was read', async () => {
    const bob = await enter('Bob')
    const { page, complaints } = await windows.open(server.url)
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByLabel('First name').fill('Alice')
    await page.getByLabel('Last name').fill('Window')
    await page.getByLabel('E-mail').fill(`alice-${Date.now()}@example.com`)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign up' }).click()
    await peopleSearch(page).fill('Bob')
    await foundPeople(page, /^Bob/).click()
    await say(page, 'Hello Bob')
    await expectTexts(page, ['Hello Bob'])

    const fromAlice = conversationLink(bob.page, { firstName: 'Alice' })
    await fromAlice.waitFor()
    await conversationList(bob.page).getByText('Hello Bob').waitFor()
    await soon(async () => expect(await bob.page.title()).toBe('(1) Parley'))
    await messages(page).getByRole('img', { name: 'Delivered' }).waitFor()
    await fromAlice.click()
    await messages(page).getByRole('img', { name: 'Read' }).waitFor()
    await soon(async () => expect(await bob.page.title()).toBe('Parley'))

    await bob.page.getByLabel('Message', { exact: true }).pressSequentially('Hello')
    await page.getByText('Bob is typing…').waitFor()
    await say(bob.page, 'Hello Alice')
    for (const at of [page, bob.page]) await expectTexts(at, ['Hello Bob', 'Hello Alice'])
    await page.getByText('Bob is typing…').waitFor({ state: 'hidden' })
    expect([...complaints, ...bob.complaints]).toEqual([])
  })

  it('stay logged in over a reload, and find everything again, drafts included', async () => {
    const [alice, bob] = [await enter('Alice'), await enter('Bob')]
    await openConversation(alice.page, bob.account)
    await say(alice.page, 'before')
    await expectTexts(alice.page, ['before'])
    await alice.page.getByLabel('Message', { exact: true }).fill('not sent yet')
    await alice.page.reload()
    await expectTexts(alice.page, ['before'])
    expect(await alice.page.getByLabel('Message', { exact: true }).inputValue()).toBe('not sent yet')
    await say(alice.page, 'after')
    await expectTexts(alice.page, ['before', 'after'])
    await conversationLink(bob.page, alice.account).click()
    await expectTexts(bob.page, ['before', 'after'])
    expect(alice.page.url()).not.toMatch(/token|eyJ/i)
    expect([...alice.complaints, ...bob.complaints]).toEqual([])
  })

  it('log out in one window, and the other windows of that browser log out too', async () => {
    const alice = await enter('Alice')
    const second = await alice.context.newPage()
    await second.goto(server.url)
    await conversationList(second).waitFor({ state: 'attached' })
    await logOut(alice.page)
    for (const page of [alice.page, second]) await page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(await alice.page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toMatch(
      /eyJ/,
    )
    await alice.page.reload()
    await alice.page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(alice.complaints).toEqual([])
  })

  it('are told that a password is wrong, and may try again', async () => {
    const account = await createAccount(server.url, 'Alice')
    const { page, complaints } = await windows.open(server.url)
    await fillLogin(page, account, 'not the password')
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/password/i)
    expect(await page.getByLabel('E-mail').inputValue()).toBe(account.email)
    // The browser itself reports the answer.
    expect(complaints.filter((text) => !text.includes('status of 404'))).toEqual([])
    await logIn(page, account)
    expect(await banner(page).textContent()).toBe('')
  })
})
