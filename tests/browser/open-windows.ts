import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { findChromium } from './find-chromium.ts'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** Longer than anything takes on a busy machine. */
const patienceMs = 30_000

/** A window of somebody's own: its own storage, its own cookies. */
export interface AppWindow {
  readonly page: Page
  readonly context: BrowserContext
  /**
   * What the browser complained about so far: errors on the console, violations of the Content-Security-Policy,
   * errors that nobody caught. What fails to load is in there too, so it is empty only while all goes well.
   */
  readonly complaints: readonly string[]
}

export interface Windows {
  open(url: string, options?: BrowserContextOptions): Promise<AppWindow>
  /** Closes the windows that are open. */
  closeAll(): Promise<void>
  /** Ends the browser. */
  end(): Promise<void>
}

/** Starts a browser without a screen. */
export async function startBrowser(): Promise<Windows> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('there is no Chromium; PARLEY_CHROMIUM may name one')
  const browser: Browser = await chromium.launch({ executablePath, args: flags, headless: true })
  return {
    async open(url, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, ...options })
      context.setDefaultTimeout(patienceMs)
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (line) => {
        if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text())
      })
      page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
      await page.goto(url)
      return { page, context, complaints }
    },
    async closeAll() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    end: () => browser.close(),
  }
}
