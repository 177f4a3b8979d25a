import { Router } from 'express'

/** The front door of a process that serves no web app: the API pages. */
export function createWelcomeRouter(): Router {
  const router = Router()
  router.get('/', (_request, response) => response.redirect('/docs/'))
  return router
}
