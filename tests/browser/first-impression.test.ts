import { join } from 'node:path'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Page } from 'playwright-core'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  asAccount,
  conversationLink,
  createAccount,
  fillLogin,
  logIn,
  logOut,
  messages,
  openConversation,
  patienceMs,
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(120_000)

describe('what one sees first', () => {
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
  async function enter(firstName = 'Alice') {
    const account = await createAccount(server.url, firstName)
    const window = await windows.open(server.url)
    await logIn(window.page, account)
    return { ...window, account }
  }
  /** Whatever has a ring around it. */
  const ringed = (page: Page) =>
    page.evaluate(
      `(() => { const at = document.activeElement; return at === document.body || getComputedStyle(at).outlineStyle === 'none' ? '' : at.outerHTML })()`,
    )

  it('has no ring around a heading, neither after logging in nor after a load', async () => {
    const { page } = await enter()
    expect(await ringed(page)).toBe('')
    await page.reload()
    await page.getByRole('heading', { name: 'Parley' }).waitFor()
    await page.keyboard.press('Shift')
    expect(await ringed(page)).toBe('')
    // A load gives the focus to nothing.
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true)
  })

  it('shows a short conversation at the bottom, above the field, and fades out what scrolls away', async () => {
    const { page } = await enter()
    await openConversation(page, await createAccount(server.url, 'Bob'))
    await say(page, 'hello')
    await messages(page).getByRole('img', { name: 'Sent' }).waitFor()
    await soon(async () => {
      const bubble = (await messages(page).last().boundingBox())!
      const field = (await page.getByLabel('Message', { exact: true }).boundingBox())!
      const gap = field.y - (bubble.y + bubble.height)
      expect(gap).toBeGreaterThan(8)
      expect(gap).toBeLessThan(64)
    })
    const fade = await page.getByRole('log').evaluate((log) => {
      const { ownerDocument, parentElement } = log
      return ownerDocument.defaultView?.getComputedStyle(parentElement, '::after').backgroundImage
    })
    expect(fade).toContain('gradient')
  })

  it('shows what is unread in bold, and the rest not', async () => {
    const { page, account } = await enter()
    const bob = await createAccount(server.url, 'Bob')
    await asAccount(server.url, bob, (client) => client.send({ to: account.id, text: 'hello' }))
    const weights = () =>
      conversationLink(page, bob).evaluate((link) =>
        ['hello', 'Bob'].map((text) => {
          const holds = [...link.querySelectorAll('*')].findLast((one) => one.textContent?.startsWith(text))
          return Number(holds && link.ownerDocument.defaultView?.getComputedStyle(holds).fontWeight)
        }),
      )
    await soon(async () => expect((await weights()).every((weight) => weight >= 600)).toBe(true))
    await conversationLink(page, bob).click()
    await soon(async () => expect((await weights()).every((weight) => weight <= 500)).toBe(true))
  })

  it('asks before drafts are lost by logging out', async () => {
    const { page } = await enter()
    await openConversation(page, await createAccount(server.url, 'Bob'))
    await page.getByLabel('Message', { exact: true }).fill('not sent yet')
    await logOut(page)
    const dialog = page.getByRole('dialog')
    await dialog.getByText('one draft').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('not sent yet')
    await logOut(page)
    await dialog.getByRole('button', { name: 'Log out anyway' }).click()
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('not sent yet')
  })

  it('says at each field of the form what is wrong with it, until it is changed', async () => {
    const { page } = await windows.open(server.url)
    const email = page.getByLabel('E-mail')
    const said = async (label: string) => {
      const ids = (await page.getByLabel(label).getAttribute('aria-describedby'))?.split(' ') ?? []
      const texts = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()))
      return texts.join(' ')
    }
    await page.getByRole('button', { name: 'Log in' }).click()
    expect(await said('E-mail')).toBe('Enter your e-mail address.')
    expect(await said('Password')).toBe('Enter your password.')
    expect(await email.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true)
    expect(await email.getAttribute('aria-invalid')).toBe('true')
    await email.pressSequentially('x')
    expect(await said('E-mail')).toBe('')
    expect(await email.getAttribute('aria-invalid')).toBe('false')
    expect(await said('Password')).toBe('Enter your password.')

    await fillLogin(page, await createAccount(server.url, 'Alice'), 'not the password')
    await page.getByRole('alert').getByText('wrong').waitFor()
    await email.pressSequentially('x')
    await page.getByRole('alert').waitFor({ state: 'hidden' })

    await page.getByRole('button', { name: 'Create an account' }).click()
    expect(await said('Password')).toBe('At least 10 characters.')
    await page.getByRole('button', { name: 'Sign up' }).click()
    expect(await said('First name')).toBe('Enter your first name.')
  })

  it('does not go away when a file is dropped on it, and says that files cannot be sent', async () => {
    const { page } = await enter()
    await openConversation(page, await createAccount(server.url, 'Bob'))
    const isPrevented = (type: string) =>
      page.evaluate(`(() => {
        const data = new DataTransfer()
        data.items.add(new File(['x'], 'x.txt', { type: 'text/plain' }))
        const init = { dataTransfer: data, bubbles: true, cancelable: true }
        return !document.querySelector('[role=log]').dispatchEvent(new DragEvent('${type}', init))
      })()`)
    expect(await isPrevented('dragover')).toBe(true)
    expect(await isPrevented('drop')).toBe(true)
    await page.getByText('Files cannot be sent yet.').waitFor()
    // Text goes where it is dropped.
    const ofText = `(() => {
      const data = new DataTransfer()
      data.setData('text/plain', 'x')
      const init = { dataTransfer: data, bubbles: true, cancelable: true }
      return document.querySelector('textarea').dispatchEvent(new DragEvent('drop', init))
    })()`
    expect(await page.evaluate(ofText)).toBe(true)
  })

  it('has its sign also where it was never loaded before the network went away', async () => {
    const { page, context } = await enter()
    await page.reload()
    await page.getByRole('heading', { name: 'Parley' }).waitFor()
    await context.setOffline(true)
    await logOut(page)
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    const sign = page.locator('main').locator('svg, img').first()
    await sign.waitFor()
    expect(
      await sign.evaluate(
        (one) => one.tagName !== 'IMG' || (one as unknown as { naturalWidth: number }).naturalWidth > 0,
      ),
    ).toBe(true)
  })

  it('can be installed', async () => {
    const { page, complaints } = await windows.open(server.url)
    const session = await page.context().newCDPSession(page)
    const manifest = (await session.send('Page.getAppManifest')) as {
      url: string
      data?: string
      errors: unknown[]
    }
    expect(manifest.url).toBe(new URL('/manifest.webmanifest', server.url).href)
    expect(manifest.errors).toEqual([])
    expect(manifest.data).toContain('"maskable"')
    const { installabilityErrors } = (await session.send('Page.getInstallabilityErrors')) as {
      installabilityErrors: { errorId: string }[]
    }
    // This window is one of those that keep nothing.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual(
      [],
    )
    expect(complaints).toEqual([])
  })
})
