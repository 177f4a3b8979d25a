import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Locator, Page } from 'playwright-core'
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
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(120_000)

/** Whether nothing of it lies outside the window at its sides. */
async function isSeenWhole(page: Page, shown: Locator): Promise<boolean> {
  const box = await shown.boundingBox()
  return box !== null && box.x >= 0 && box.x + box.width <= (page.viewportSize()?.width ?? 0)
}

describe('whoever looks for people', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  let me: Account
  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
    me = await createAccount(server.url, 'Zoe')
  })
  afterEach(() => windows.closeAll())
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  async function enter(): Promise<Page> {
    const { page } = await windows.open(server.url)
    await logIn(page, me)
    return page
  }
  const soon = (check: () => Promise<void>) => eventually(check, patienceMs)
  const expectOpen = (page: Page, { id }: Account) =>
    soon(async () => expect(new URL(page.url()).hash).toBe(`#/with/${id}`))
  const marked = (page: Page) => foundPeople(page).and(page.locator('[aria-selected=true]'))

  it('takes with Enter only somebody who belongs to what is written, however slow the answer', async () => {
    const [bea, bob] = [await createAccount(server.url, 'Bea'), await createAccount(server.url, 'Bob')]
    const page = await enter()
    // No answer to anything but the first letter.
    await page.route(/\/users\?.*search=bo/, () => undefined)
    await peopleSearch(page).pressSequentially('b')
    await foundPeople(page, /^Bea/).waitFor()
    await foundPeople(page, /^Bob/).waitFor()
    await page.keyboard.type('ob')
    await page.keyboard.press('Enter')
    await expectOpen(page, bob)

    await peopleSearch(page).pressSequentially('b')
    await foundPeople(page, /^Bea/).waitFor()
    await page.keyboard.type('obby')
    await page.keyboard.press('Enter')
    expect(await foundPeople(page).count()).toBe(0)
    await expectOpen(page, bob)
    expect(page.url()).not.toContain(bea.id)
  })

  it('can tell people of the same name apart, before and after', async () => {
    const twins = [
      await createAccount(server.url, 'Twin', 'Same'),
      await createAccount(server.url, 'Twin', 'Same'),
    ]
    const page = await enter()
    await peopleSearch(page).fill('twin same')
    await soon(async () => expect(await foundPeople(page).count()).toBe(2))
    const names = await foundPeople(page).allTextContents()
    expect(new Set(names).size).toBe(2)
    for (const { id } of twins) {
      const tag = `#${id.slice(-4)}`
      expect(names.filter((name) => name.includes(tag))).toHaveLength(1)
      await peopleSearch(page).fill('twin same')
      await foundPeople(page, new RegExp(tag)).click()
      await expectOpen(page, { id } as Account)
      await say(page, `hello ${tag}`)
      await messages(page).getByRole('img', { name: 'Sent' }).waitFor()
    }
    for (const { id } of twins) {
      const tag = `#${id.slice(-4)}`
      await conversationLink(page, { firstName: `Twin Same ${tag}` }).click()
      await expectOpen(page, { id } as Account)
      await page.getByRole('heading', { name: `Twin Same ${tag}` }).waitFor()
    }
  })

  it('can tell people apart whose names only look the same, wherever they are shown, and in words', async () => {
    // The second one has a Cyrillic А, and both a name that is cut off; the third one looks like who is logged in.
    const lastName = `Known ${'x'.repeat(60)}`
    const twins = [
      await createAccount(server.url, 'Alice', lastName),
      await createAccount(server.url, '\u0410lice', lastName),
    ]
    const like = await createAccount(server.url, 'Z0e')
    const single = await createAccount(server.url, 'Alicia', 'Known')
    for (const person of [...twins, like, single])
      await asAccount(server.url, person, (client) => client.send({ to: me.id, text: 'hello' }))
    const page = await enter()
    await page.setViewportSize({ width: 320, height: 640 })
    const link = ({ id }: Account) => page.locator(`[data-person="${id}"]`)
    const back = () => page.getByRole('link', { name: 'Back to conversations' }).click()

    for (const dir of ['ltr', 'rtl']) {
      await page.evaluate(`document.documentElement.dir = '${dir}'`)
      for (const person of twins) {
        const tag = `#${person.id.slice(-4)}`
        const words = /Looks like another \S+ Known x+/
        await soon(async () => expect(await link(person).textContent()).toMatch(words))
        const shown = link(person).getByText(tag, { exact: true })
        expect(await isSeenWhole(page, shown)).toBe(true)
        await link(person).click()
        await page
          .getByRole('heading', { name: new RegExp(`^\\S+ Known x+ ${tag} ?, ${words.source}`) })
          .waitFor()
        const note = page.locator('.look-alike-note')
        expect(await note.textContent()).toMatch(new RegExp(`${words.source}joined `))
        expect(await isSeenWhole(page, note)).toBe(true)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
        await back()
      }
    }
    expect(await link(like).textContent()).toContain('Looks like your own name')
    expect(await link(single).textContent()).not.toContain('#')

    await peopleSearch(page).fill('known')
    await soon(async () => expect(await foundPeople(page).count()).toBe(3))
    expect(await foundPeople(page, /Looks like another/).count()).toBe(2)
  })

  it('is told that there are more, and gets them all', async () => {
    const crowd = 23
    for (let number = 0; number < crowd; number += 1)
      await createAccount(server.url, 'Crowd', `Number${String(number).padStart(2, '0')}`)
    const page = await enter()
    await peopleSearch(page).fill('crowd')
    await soon(async () => expect(await foundPeople(page, /^CNCrowd|^Crowd/).count()).toBe(20))
    const more = foundPeople(page, /^Show more people$/)
    await more.waitFor()
    // With the keyboard: the last of them is before the first.
    await page.keyboard.press('ArrowUp')
    await soon(async () => expect(await marked(page).textContent()).toBe('Show more people'))
    await page.keyboard.press('Enter')
    await soon(async () => expect(await foundPeople(page).count()).toBe(crowd))
    expect(await more.count()).toBe(0)
    // One goes on at the first of those that came.
    expect(await marked(page).textContent()).toContain('Number20')
    expect(new Set(await foundPeople(page).allTextContents()).size).toBe(crowd)
  })

  it('needs the keyboard only: a shortcut, arrows, Enter, and one Escape', async () => {
    const [ann, amy] = [
      await createAccount(server.url, 'Ann', 'Keys'),
      await createAccount(server.url, 'Amy', 'Keys'),
    ]
    const page = await enter()
    await openConversation(page, ann)
    await page.keyboard.press('Control+K')
    expect(await peopleSearch(page).evaluate((field) => field === field.ownerDocument.activeElement)).toBe(
      true,
    )
    await page.keyboard.type('keys')
    await soon(async () => expect(await foundPeople(page).count()).toBe(2))
    // What is marked is what a screen reader hears.
    const spoken = async () => {
      const id = await peopleSearch(page).getAttribute('aria-activedescendant')
      return page.locator(`[id="${id}"]`).textContent()
    }
    const first = await spoken()
    await page.keyboard.press('ArrowDown')
    await soon(async () => expect(await spoken()).not.toBe(first))
    await page.keyboard.press('ArrowDown')
    await soon(async () => expect(await spoken()).toBe(first))

    await page.keyboard.press('Escape')
    expect(await peopleSearch(page).inputValue()).toBe('')
    expect(
      await page
        .getByLabel('Message', { exact: true })
        .evaluate((field) => field === field.ownerDocument.activeElement),
    ).toBe(true)

    await page.keyboard.press('Control+K')
    await page.keyboard.type('amy keys')
    await foundPeople(page, /Amy/).waitFor()
    await page.keyboard.press('Enter')
    await expectOpen(page, amy)
    await page.keyboard.type('typed at once')
    await soon(async () =>
      expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('typed at once'),
    )
  })

  it('sends no draft when Enter is held down for too long', async () => {
    const eve = await createAccount(server.url, 'Eve')
    const page = await enter()
    await openConversation(page, eve)
    const field = page.getByLabel('Message', { exact: true })
    await field.fill('not yet')
    await page.evaluate(`location.hash = '#/'`)
    await field.waitFor({ state: 'hidden' })
    await peopleSearch(page).fill('eve')
    await foundPeople(page, /Eve/).waitFor()
    await page.keyboard.down('Enter')
    await expectOpen(page, eve)
    await soon(async () =>
      expect(await field.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true),
    )
    // The same press goes on.
    await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
    expect(await field.inputValue()).toBe('not yet')
    expect(await messages(page).count()).toBe(0)
  })

  it('finds those one talks with also while the server cannot be reached', async () => {
    const ida = await createAccount(server.url, 'Ída')
    await asAccount(server.url, ida, (client) => client.send({ to: me.id, text: 'hello' }))
    const page = await enter()
    await conversationLink(page, { firstName: 'Ída' }).waitFor()
    await page.context().setOffline(true)
    await peopleSearch(page).fill('ida')
    await page.keyboard.press('Enter')
    await expectOpen(page, ida)
  })
})
