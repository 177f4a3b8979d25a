import type { RequestHandler } from 'express'
import helmet from 'helmet'

const forData = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xPoweredBy: false,
  xXssProtection: false,
})

/**
 * For answers that are data: whatever a browser is made to do with one, nothing in it loads, runs or is framed, and
 * nobody on the way keeps it. What only concerns pages is left out, since each header costs every answer. That a
 * browser is to insist on TLS is said over TLS only, where it counts (RFC 6797 section 7.2).
 */
export const dataHeaders: RequestHandler = (request, response, next) => {
  response.set('cache-control', 'no-store')
  if (request.secure) response.set('strict-transport-security', 'max-age=31536000; includeSubDomains')
  forData(request, response, next)
}

/**
 * For pages, which may load what comes from here and nothing else. TLS ends at a proxy, if anywhere; asking
 * browsers to upgrade breaks pages that are served without it.
 */
export const pageHeaders = helmet({
  // As `dataHeaders` has said.
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
})
