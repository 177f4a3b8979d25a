import { closeReasons, clientEvents, serverEvents } from '@parley/contracts/socket.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { createDocsRouter } from './docs-routes.ts'

describe('the page about sockets', () => {
  let served: Awaited<ReturnType<typeof serveRouters>>
  let page: string
  let policy: string | null
  beforeAll(async () => {
    served = await serveRouters([createDocsRouter()])
    const response = await fetch(`${served.origin}/docs/sockets`)
    page = await response.text()
    policy = response.headers.get('content-security-policy')
  })
  afterAll(() => served.close())

  it('explains every event of both directions, and every reason to close', () => {
    const words = [...Object.keys(clientEvents), ...Object.keys(serverEvents), ...Object.keys(closeReasons)]
    for (const word of words) expect(page).toContain(`<code>${word}</code>`)
    for (const { description } of Object.values(serverEvents))
      expect(page.replaceAll(/<\/?code>/g, '`')).toContain(description)
  })

  it('has nothing inline and loads nothing from elsewhere', async () => {
    expect(policy).toContain("default-src 'self';")
    expect(page).not.toMatch(/<script|<style|\sstyle=|\son\w+=/)
    for (const [, path] of page.matchAll(/(?:href|src)="([^"]+)"/g))
      expect([path, (await fetch(new URL(path!, served.origin))).status]).toEqual([path, 200])
  })
})
