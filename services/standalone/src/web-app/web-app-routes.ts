import { pageHeaders } from '@parley/platform/http/security-headers.ts'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { WebApp, WebFile } from './read-web-app.ts'

/**
 * What pages of the app may do: load what comes from here, and talk to where they come from (for `connect-src`,
 * 'self' covers sockets). No script of anybody else ever runs, inline ones included.
 * nginx says the same (services/nginx/web-app.conf).
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Nothing here is a page of the app, whoever asks. nginx keeps the same paths. */
const reserved = /^\/(?:users|chat|docs|socket\.io|\.well-known|assets|healthz|readyz|metrics)(?:\/|$)/

/**
 * Serves the web app, behind all other routes. A browser that opens an unknown path gets the app, which knows
 * its own places; whoever asks for anything else learns that it is not here.
 */
export function createWebAppRouter(app: WebApp): Router {
  const index = app.get('/index.html')!
  const router = Router()
  const serve: RequestHandler = (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next()
    const file = app.get(request.path) ?? (isNavigation(request) ? index : undefined)
    if (file === undefined) return next()
    pageHeaders(request, response, () => send(file, request, response))
  }
  return router.use(serve)
}

/** The front door where the app is not built. */
export function createWelcomeRouter(): Router {
  return Router().get('/', (_request, response) => response.redirect('/docs/'))
}

/** Browsers name `text/html` when somebody opens an address, and only then. */
const isNavigation = ({ path, headers }: Request): boolean =>
  path === '/' || (headers.accept?.includes('text/html') === true && !reserved.test(path))

function send({ bytes, compressed, etag, extension, hashed }: WebFile, request: Request, response: Response) {
  response.locals['route'] = 'web-app'
  response.set({
    'content-security-policy': contentSecurityPolicy,
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag,
    vary: 'Accept-Encoding',
  })
  response.type(extension)
  const encoding = (['br', 'gzip'] as const).find(
    (encoding) => compressed[encoding] !== undefined && request.acceptsEncodings(encoding) !== false,
  )
  if (encoding !== undefined) response.set('content-encoding', encoding)
  // Answers 304 and HEAD as they should be.
  response.send(encoding === undefined ? bytes : compressed[encoding])
}
