import { pageHeaders } from '@parley/platform/http/security-headers.ts'
import { type Request, type Response, Router } from 'express'
import { getAbsoluteFSPath } from 'swagger-ui-dist'
import { createAsyncApiDocument } from './asyncapi.ts'
import { docsPage, initializeScript } from './docs-page.ts'
import { createOpenApiDocument } from './openapi.ts'

/** Swagger UI's own files that the page asks for; the package holds many more. */
const assets = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']

/**
 * Serves the API page at `/docs`, and the documents at `/docs/openapi.json` and `/docs/asyncapi.json`.
 * Nothing is loaded from elsewhere, so it works without the internet.
 * @param serverUrl where clients reach this process; named in the documents
 */
export function createDocsRouter({ serverUrl }: { serverUrl?: string } = {}): Router {
  const at = serverUrl === undefined ? {} : { serverUrl }
  const router = Router()
  router.use('/docs', pageHeaders)
  const serve = (path: string, type: string, body: string): void => {
    const bytes = Buffer.from(body)
    router.get(path, (_request: Request, response: Response) => void response.type(type).send(bytes))
  }
  serve('/docs', 'html', docsPage)
  serve('/docs/initialize.js', 'js', initializeScript)
  serve('/docs/openapi.json', 'json', JSON.stringify(createOpenApiDocument(at)))
  serve('/docs/asyncapi.json', 'json', JSON.stringify(createAsyncApiDocument(at)))
  for (const asset of assets) {
    router.get(`/docs/${asset}`, (_request: Request, response: Response) => {
      response.sendFile(asset, { root: getAbsoluteFSPath(), maxAge: '1h' })
    })
  }
  return router
}
