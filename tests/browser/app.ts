import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import { eventually } from '@parley/testing/eventually.ts'
import type { Locator, Page } from 'playwright-core'

/** What people do in the web app, by the names that services/web/README.md promises. */

export interface Account {
  readonly id: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
}

export const password = 'a good password'
/** For what crosses several processes of a busy machine. */
export const patienceMs = 20_000
let accounts = 0

/** Makes an account, past the app. */
export async function createAccount(url: string, firstName: string, lastName = 'Test'): Promise<Account> {
  const email = `person-${Date.now()}-${(accounts += 1)}@example.com`
  return withClient(url, async (client) => {
    const { id } = await client.register({ firstName, lastName, email, password })
    return { id, firstName, lastName, email }
  })
}

/** Does something as somebody, past the app. */
export const asAccount = <Result>(
  url: string,
  { email }: Account,
  act: (client: ParleyClient, session: SavedSession) => Promise<Result>,
): Promise<Result> =>
  withClient(url, async (client) => {
    let session: SavedSession | undefined
    client.on('session', (changed) => (session = changed))
    await client.logIn({ email, password })
    return act(client, session!)
  })

/** Closes it however this ends: a client that stays open tries to connect for ever, and Jest waits for it. */
async function withClient<Result>(
  url: string,
  act: (client: ParleyClient) => Promise<Result>,
): Promise<Result> {
  const client = createParleyClient({ url })
  try {
    return await act(client)
  } finally {
    client.close()
  }
}

export async function fillLogin(
  page: Page,
  { email }: Pick<Account, 'email'>,
  secret = password,
): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(secret)
  await page.getByRole('button', { name: 'Log in' }).click()
}

export async function logIn(page: Page, account: Pick<Account, 'email'>): Promise<void> {
  await fillLogin(page, account)
  // It is empty at first, and so has no height.
  await conversationList(page).waitFor({ state: 'attached' })
}

export const conversationList = (page: Page): Locator => page.getByRole('list', { name: 'Conversations' })

export const conversationLink = (page: Page, { firstName }: Pick<Account, 'firstName'>): Locator =>
  conversationList(page).getByRole('link', { name: new RegExp(`^${firstName}`) })

export const peopleSearch = (page: Page): Locator => page.getByRole('combobox', { name: 'Search people' })

/** Whom the search offers. */
export const foundPeople = (page: Page, name?: RegExp): Locator =>
  page.getByRole('listbox', { name: 'People' }).getByRole('option', name && { name })

/** Opens the menu on one's own name. */
export async function openAccountMenu(page: Page): Promise<Locator> {
  await page.locator('[aria-haspopup=menu]').click()
  return page.getByRole('menu', { name: 'Account' })
}

export async function logOut(page: Page): Promise<void> {
  const menu = await openAccountMenu(page)
  await menu.getByRole('menuitem', { name: 'Log out' }).click()
}

/** Opens the conversation with somebody, whom one has talked with or not. */
export async function openConversation(page: Page, { id }: Pick<Account, 'id'>): Promise<void> {
  await page.evaluate(`location.hash = '#/with/${id}'`)
  await page.getByLabel('Message', { exact: true }).waitFor()
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
}

export const messages = (page: Page): Locator =>
  page.getByRole('log', { name: 'Messages' }).getByRole('article')

export interface Shown {
  readonly seq: string
  readonly clientId: string
  readonly text: string
}

/** The messages that the page holds, from top to bottom, with all that stands in them. */
export async function shownMessages(page: Page): Promise<Shown[]> {
  return messages(page).evaluateAll((articles) =>
    articles.map((article) => ({
      seq: article.getAttribute('data-seq') ?? '',
      clientId: article.getAttribute('data-client-id') ?? '',
      text: article.textContent ?? '',
    })),
  )
}

/** Waits until exactly these are shown, from top to bottom, each once, and all of them accepted. */
export async function expectTexts(page: Page, texts: readonly string[], waitMs = patienceMs): Promise<void> {
  await eventually(async () => {
    const shown = await shownMessages(page)
    expect(shown.map(({ text }) => texts.find((expected) => text.includes(expected)) ?? text)).toEqual(texts)
    const seqs = shown.map(({ seq }) => Number(seq))
    expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index))
    expect(seqs[0]).toBeGreaterThan(0)
  }, waitMs)
}

/** What the app says about the connection; nothing while all is well. */
export const banner = (page: Page): Locator => page.getByRole('status')

/** What somebody has read of what they and another one said, as the server has it. */
export const readOnServer = (url: string, reader: Account, other: Account): Promise<number> =>
  asAccount(url, other, async ({ conversations }) => {
    const { conversation } = await conversations.openDirect(reader.id)
    if (conversation === null) return 0
    const { receipts } = await conversations.open(conversation.id)
    return receipts.find(({ userId }) => userId === reader.id)?.read ?? 0
  })

/** The window loses the focus, or has it again. (Playwright gives every page the focus.) */
export const look = (page: Page, isHere: boolean): Promise<void> =>
  page.evaluate(`(() => {
    Object.defineProperty(document, 'hasFocus', { configurable: true, value: () => ${isHere} })
    dispatchEvent(new Event('${isHere ? 'focus' : 'blur'}'))
  })()`)
