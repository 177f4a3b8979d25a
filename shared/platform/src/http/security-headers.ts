import helmet from 'helmet'

/**
 * For answers that are data: whatever a browser is made to do with one, nothing in it loads, runs or is framed.
 * What only concerns pages is left out, since each header costs every answer.
 */
export const dataHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xPoweredBy: false,
  xXssProtection: false,
})

/**
 * For pages, which may load what comes from here and nothing else. TLS ends at a proxy, if anywhere; asking
 * browsers to upgrade breaks pages that are served without it.
 */
export const pageHeaders = helmet({
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
})
