import { pageHeaders } from '@parley/platform/http/security-headers.ts'
import { type Request, type Response, Router } from 'express'
import { getAbsoluteFSPath } from 'swagger-ui-dist'
import { createAsyncApiDocument } from './asyncapi.ts'
import { docsPage, initializeScript } from './docs-page.ts'
import { renderSocketsPage, socketsStyle } from './sockets-page.ts'
import { createOpenApiDocument, standardServerUrl } from './openapi.ts'

/** Swagger UI's own files that the page asks for; the package holds many more. */
const assets = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']

/**
 * Serves the API page at `/docs`, the page about sockets at `/docs/sockets`, and the documents at `/docs/openapi.json` and `/docs/asyncapi.json`.
 * Nothing is loaded from elsewhere, so it works without the internet.
 * The documents name the address that they were asked at, since that one works.
 */
export function createDocsRouter(): Router {
  const router = Router()
  router.use('/docs', pageHeaders, (_request, response, next) => {
    response.set('cache-control', 'no-cache')
    next()
  })
  const serve = (path: string, type: string, body: string): void => {
    const bytes = Buffer.from(body)
    router.get(path, (_request: Request, response: Response) => void response.type(type).send(bytes))
  }
  /** Made anew only for another address than the last one. */
  const serveDocument = (path: string, create: (at: { serverUrl: string }) => object): void => {
    let last = { serverUrl: '', text: '' }
    router.get(path, (request: Request, response: Response) => {
      const serverUrl = addressOf(request)
      if (last.serverUrl !== serverUrl) last = { serverUrl, text: JSON.stringify(create({ serverUrl })) }
      response.type('json').send(last.text)
    })
  }
  router.get('/docs/sockets', (request: Request, response: Response) => {
    const serverUrl = addressOf(request)
    response.type('html').send(renderSocketsPage(createAsyncApiDocument({ serverUrl }), serverUrl))
  })
  serve('/docs/sockets.css', 'css', socketsStyle)
  serve('/docs', 'html', docsPage)
  serve('/docs/initialize.js', 'js', initializeScript)
  serveDocument('/docs/openapi.json', createOpenApiDocument)
  serveDocument('/docs/asyncapi.json', createAsyncApiDocument)
  for (const asset of assets) {
    router.get(`/docs/${asset}`, (_request: Request, response: Response) => {
      response.set('cache-control', 'public, max-age=3600').sendFile(asset, { root: getAbsoluteFSPath() })
    })
  }
  return router
}

/** As the client wrote it; what is no address of a server is not repeated. */
function addressOf({ protocol, host }: Request): string {
  const address = `${protocol}://${host}`
  return URL.canParse(address) && new URL(address).origin === address ? address : standardServerUrl
}
