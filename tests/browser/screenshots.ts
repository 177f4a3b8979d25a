import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { BrowserContextOptions } from 'playwright-core'
import { startEmbedded } from '../embedded-process.ts'
import { startBrowser } from './open-windows.ts'

/** Pictures of the web app with the demo data: npm run screenshots. */
const pictures: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light', viewport: { width: 1_280, height: 800 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1_280, height: 800 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
]
const target = join('docs', 'images')
/** Somewhere it is afternoon, and nobody wonders about messages in the night. */
const hoursAhead = 16 - new Date().getUTCHours()
const timezoneId = `Etc/GMT${hoursAhead > 0 ? '-' : '+'}${Math.min(12, Math.abs(hoursAhead))}`
const place = { locale: 'en-GB', timezoneId, reducedMotion: 'reduce' } as const

const folder = createTemporaryFolder()
const server = await startEmbedded({ dataFolder: join(folder.path, 'data'), demo: true })
const windows = await startBrowser()
try {
  mkdirSync(target, { recursive: true })
  // So that somebody is online.
  const bob = await windows.open(server.url)
  await bob.page.getByLabel('E-mail').fill('bob@example.com')
  await bob.page.getByLabel('Password').fill('parley-demo')
  await bob.page.getByRole('button', { name: 'Log in' }).click()
  await bob.page.getByRole('list', { name: 'Conversations' }).waitFor()
  for (const [name, options] of pictures) {
    const { page, context } = await windows.open(server.url, { ...place, ...options })
    await page.getByLabel('E-mail').fill('alice@example.com')
    await page.getByLabel('Password').fill('parley-demo')
    await page.getByRole('button', { name: 'Log in' }).click()
    const link = page.getByRole('list', { name: 'Conversations' }).getByRole('link', { name: /^Bob/ })
    await link.click()
    await page.getByRole('log').getByRole('article').last().waitFor()
    await page.getByText('online').first().waitFor({ state: 'attached' })
    await page.screenshot({ path: join(target, `${name}.png`), animations: 'disabled' })
    process.stdout.write(`${join(target, `${name}.png`)}\n`)
    await context.close()
  }
} finally {
  await windows.end()
  await server.end('SIGTERM')
  folder.remove()
}
