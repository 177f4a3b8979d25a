import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { readWebApp } from './read-web-app.ts'
import { contentSecurityPolicy, createWebAppRouter, createWelcomeRouter } from './web-app-routes.ts'

const page = `<!doctype html><title>Parley</title>${'<p>hello</p>'.repeat(100)}`
const script = `console.log(${JSON.stringify('x'.repeat(2_000))})`

describe('the web app', () => {
  const folder = createTemporaryFolder()
  let served: Awaited<ReturnType<typeof serveRouters>>
  beforeAll(async () => {
    const built = join(folder.path, 'dist')
    mkdirSync(join(built, 'assets'), { recursive: true })
    writeFileSync(join(folder.path, 'secret.txt'), 'hunter2')
    writeFileSync(join(built, 'index.html'), page)
    writeFileSync(join(built, 'favicon.svg'), '<svg/>')
    writeFileSync(join(built, 'manifest.webmanifest'), '{}')
    writeFileSync(join(built, 'assets', 'index-B3kq0a1c.js'), script)
    writeFileSync(join(built, 'assets', 'icon-C4lr1b2d.png'), Buffer.alloc(2_000))
    served = await serveRouters([createWebAppRouter(readWebApp(built)!)])
  })
  afterAll(async () => {
    await served.close()
    folder.remove()
  })

  const ask = (path: string, init?: RequestInit) => fetch(served.origin + path, init)
  const opened = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }

  it('is a page that is asked for anew each time, and files that are kept for ever', async () => {
    for (const path of ['/', '/index.html']) {
      const index = await ask(path)
      expect(await index.text()).toBe(page)
      expect(index.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(index.headers.get('cache-control')).toBe('no-cache')
    }
    const file = await ask('/assets/index-B3kq0a1c.js')
    expect(await file.text()).toBe(script)
    expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    // Its name does not change with its content.
    expect((await ask('/favicon.svg')).headers.get('cache-control')).toBe('no-cache')
  })

  it('has a manifest of the type that browsers want, here and at the edge', async () => {
    const manifest = await ask('/manifest.webmanifest')
    expect(manifest.headers.get('content-type')).toMatch(/^application\/manifest\+json/)
    expect(contentSecurityPolicy).toContain("manifest-src 'self'")
    expect(readFileSync('services/nginx/nginx.conf', 'utf8')).toContain(
      'application/manifest+json webmanifest;',
    )
  })

  it('says what its pages may do', async () => {
    const { headers } = await ask('/')
    expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy)
    expect(contentSecurityPolicy).not.toMatch(/unsafe|\*/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  })

  it('is not sent again to whoever has it', async () => {
    const etag = (await ask('/')).headers.get('etag')!
    // As browsers do; this `fetch` would ask for a fresh one by itself.
    const having = (tag: string) =>
      ask('/', { headers: { 'if-none-match': tag, 'cache-control': 'max-age=0' } })
    const again = await having(etag)
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect((await having('W/"other"')).status).toBe(200)
  })

  it('is compressed as the browser likes it, where that makes it smaller', async () => {
    const raw = async (path: string, encoding: string) => {
      const request = get(served.origin + path, { headers: { 'accept-encoding': encoding } })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      return { headers: response.headers, body: Buffer.concat(await response.toArray()) }
    }
    const gzip = await raw('/assets/index-B3kq0a1c.js', 'gzip')
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(gzip.body).toString()).toBe(script)
    const brotli = await raw('/assets/index-B3kq0a1c.js', 'gzip, deflate, br, zstd')
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(Number(brotli.headers['content-length'])).toBeLessThan(script.length)
    for (const encoding of ['identity', 'zstd']) {
      const plain = await raw('/assets/index-B3kq0a1c.js', encoding)
      expect(plain.headers).not.toHaveProperty('content-encoding')
      expect(plain.body.toString()).toBe(script)
      expect(plain.headers['vary']).toContain('Accept-Encoding')
    }
    expect((await raw('/assets/icon-C4lr1b2d.png', 'gzip, br')).headers).not.toHaveProperty(
      'content-encoding',
    )
  })

  it('answers HEAD without a body', async () => {
    const head = await ask('/assets/index-B3kq0a1c.js', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0)
  })

  it('opens on paths that it may know itself', async () => {
    for (const path of ['/somewhere/deep', '/chatty', '/users-of-others']) {
      const answer = await ask(path, opened)
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, page])
    }
  })

  it.each([
    ['/somewhere/deep', {}],
    ['/chat/nothing', opened],
    ['/users/nothing', opened],
    ['/docs/nothing', opened],
    ['/metrics/nothing', opened],
    ['/assets/index-OLDHASH0.js', opened],
    ['/', { method: 'POST', body: '' }],
    ['/..%2fsecret.txt', {}],
    ['/assets/..%2f..%2fsecret.txt', {}],
    ['/%2e%2e/secret.txt', {}],
    ['/assets', {}],
    ['/__proto__', {}],
  ])('is not the answer to %s %j', async (path, init) => {
    const answer = await ask(path, init)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await answer.text()).not.toContain('hunter2')
  })

  it('says the same through nginx', () => {
    const conf = readFileSync('services/nginx/web-app.conf', 'utf8')
    expect(conf).toContain(`add_header Content-Security-Policy "${contentSecurityPolicy}" always;`)
  })

  it('is replaced by the API pages where it is not built', async () => {
    expect(readWebApp(join(folder.path, 'nowhere'))).toBeUndefined()
    const without = await serveRouters([createWelcomeRouter()])
    const front = await fetch(`${without.origin}/`, { redirect: 'manual' })
    expect([front.status, front.headers.get('location')]).toEqual([302, '/docs/'])
    await without.close()
  })
})
