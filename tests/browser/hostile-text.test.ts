import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import {
  asAccount,
  conversationList,
  createAccount,
  foundPeople,
  logIn,
  messages,
  openConversation,
  peopleSearch,
  say,
} from './app.ts'
import { startBrowser, type Windows } from './open-windows.ts'

jest.setTimeout(120_000)

/** Each would run `alert`, which the page reports, if any of it became more than text. */
const attempts = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '"><iframe srcdoc="<script>alert(1)</script>">',
  'javascript:alert(1)',
  'https://example.com/"onmouseover="alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '{{constructor.constructor("alert(1)")()}}',
  '<a href="javascript:alert(1)">click</a>',
  '[click](javascript:alert(1))',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\u202Ereversed <b>bold</b>\u202C',
]

describe('what people write', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let windows: Windows
  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: join(folder.path, 'data') })
    windows = await startBrowser()
  })
  afterAll(async () => {
    await windows?.end()
    await server?.end('SIGTERM')
    folder.remove()
  })

  it('stays text, in names as in messages', async () => {
    const alice = await createAccount(server.url, 'Alice')
    const firstName = '<img src=x onerror=alert(1)>'
    const mallory = await createAccount(server.url, firstName, '<script>alert(2)</script>')
    await asAccount(server.url, mallory, async (client) => {
      for (const text of attempts) await client.send({ to: alice.id, text })
    })

    const { page, complaints } = await windows.open(server.url)
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    await logIn(page, alice)
    await conversationList(page).getByText(firstName).first().waitFor()
    await openConversation(page, mallory)
    for (const text of attempts) await messages(page).getByText(text, { exact: false }).first().waitFor()
    for (const text of attempts) await say(page, text)
    await messages(page)
      .nth(attempts.length * 2 - 1)
      .waitFor()

    const inside = messages(page)
    for (const element of ['script', 'img[src]', 'svg[onload]', 'iframe', 'b'])
      expect([element, await inside.locator(element).count()]).toEqual([element, 0])
    const links = await inside.getByRole('link').evaluateAll((all) =>
      all.map((link) => ({
        href: link.getAttribute('href') ?? '',
        rel: link.getAttribute('rel') ?? '',
        handlers: link.getAttributeNames().filter((name: string) => name.startsWith('on')),
      })),
    )
    for (const { href, rel, handlers } of links) {
      expect(href).toMatch(/^https?:\/\//)
      expect(rel).toContain('noopener')
      expect(handlers).toEqual([])
    }
    // In the search for people too.
    await peopleSearch(page).fill('<img')
    await foundPeople(page).first().waitFor()

    expect(dialogs).toEqual([])
    expect(complaints).toEqual([])
  })
})
