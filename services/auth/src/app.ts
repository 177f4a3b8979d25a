import { listEndedSessions } from '@parley/contracts/ended-sessions.ts'
import { getJwks, type Jwks } from '@parley/contracts/token.ts'
import type { Person } from '@parley/contracts/users.ts'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import { createRelay, type RelayMetrics } from '@parley/platform/events/relay.ts'
import { createOneAddressWatch } from '@parley/platform/http/one-address.ts'
import { createRoutes } from '@parley/platform/http/routes.ts'
import { type BucketsFor, createBucketsFor } from '@parley/platform/limits/buckets.ts'
import type { Logger } from '@parley/platform/log.ts'
import type { Metrics } from '@parley/platform/metrics.ts'
import { isOurFault } from '@parley/platform/parley-error.ts'
import { createEndedSessions, type EndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { followEndedSessions } from '@parley/platform/tokens/follow-ended-sessions.ts'
import { createSecurityLog } from '@parley/platform/security-log.ts'
import { createTokenVerifier, type VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import type { Router } from 'express'
import type { AuthConfig } from './config.ts'
import { createAccessTokens } from './keys/access-tokens.ts'
import { createSigningKeys } from './keys/signing-keys.ts'
import { createAuthLimits } from './limits/auth-limits.ts'
import { type LimiterFor, memoryLimiterFor } from '@parley/platform/limits/limiter.ts'
import { createDeviceTokens } from './sessions/device-tokens.ts'
import { createEndSessions } from './sessions/end-sessions.ts'
import { createListEnded } from './sessions/list-ended.ts'
import { createLogIn } from './sessions/log-in.ts'
import { createLogOut } from './sessions/log-out.ts'
import { createPlaceOf } from './sessions/place-of.ts'
import { createRefreshSession } from './sessions/refresh-session.ts'
import { createRefreshTokens } from './sessions/refresh-tokens.ts'
import { addSessionRoutes } from './sessions/session-routes.ts'
import type { AuthStores } from './stores.ts'
import { createFindUser } from './users/find-user.ts'
import { createPasswords } from './users/passwords.ts'
import { createRegisterUser, type RegisterUser } from './users/register-user.ts'
import { createRegistration } from './users/registration.ts'
import { createSearchUsers } from './users/search-users.ts'
import { addUserRoutes } from './users/user-routes.ts'

const dayMs = 86_400_000
const cleaningMs = 3_600_000

export interface Auth {
  readonly router: Router
  /** For other services only: nobody from outside may get at it. */
  readonly internalRouter: Router
  /** Verifies by the published keys, as every other service does, and knows at once which sessions ended here. */
  readonly verifyToken: VerifyToken
  readonly ended: EndedSessions
  jwks(): Promise<Jwks>
  /** What another service asks about a person of whom no event has told it yet. */
  findPerson(id: string): Promise<Person | undefined>
  readonly registerUser: RegisterUser
  /**
   * Publishes what an earlier process left behind, and forgets expired sessions from now on. Call it when
   * the bus has its subscribers.
   */
  start(): Promise<void>
  /** Waits until every event that was offered is published or left to the next start. Stores stay open. */
  close(): Promise<void>
}

/**
 * @param signingKeys the private keys of access tokens (EC, P-256, in PEM): the first one signs, all are published. Is
 *   asked again every few seconds
 * @param refreshSecret key of refresh tokens, at least 32 random bytes in any text form; with another one
 *   all sessions have to log in again
 * @param limiterFor makes the rate limiters; several processes need some that share their counts
 * @param bucketsFor makes limits that come before every answer; several processes settle them with each other
 */
export function createAuth({
  config,
  stores,
  signingKeys: readSigningKeys,
  refreshSecret,
  bus,
  logger,
  metrics,
  relayMetrics,
  limiterFor = memoryLimiterFor,
  bucketsFor = createBucketsFor(),
}: {
  config: AuthConfig
  stores: AuthStores
  signingKeys: () => string
  refreshSecret: string
  bus: EventBus
  logger: Logger
  metrics: Metrics
  relayMetrics: RelayMetrics
  limiterFor?: LimiterFor
  bucketsFor?: BucketsFor
}): Auth {
  const { users, sessions, outbox, sweepLease } = stores
  const issuer = config.TOKEN_ISSUER
  const audience = config.TOKEN_AUDIENCE
  const sessionMs = config.SESSION_DAYS * dayMs
  const tokenMs = config.ACCESS_TOKEN_SECONDS * 1_000
  const maxSessions = config.SESSIONS_PER_USER

  const security = createSecurityLog({ logger, metrics })
  const keys = createSigningKeys({ read: readSigningKeys, security, logger })
  const jwks = async (): Promise<Jwks> => keys.jwks()
  const verifyAnyToken = createTokenVerifier({ keys, issuer, audience })
  const ended = createEndedSessions()
  const listEnded = createListEnded({ sessions, tokenMs })
  const following = followEndedSessions({ ended, load: listEnded, bus, service: 'auth', logger })
  const verifyToken = following.refuse(verifyAnyToken)
  const lifetimeSeconds = config.ACCESS_TOKEN_SECONDS
  const accessTokens = createAccessTokens({ keys, issuer, audience, lifetimeSeconds })
  const refreshTokens = createRefreshTokens(refreshSecret)
  const deviceTokens = createDeviceTokens(refreshSecret)

  const relay = createRelay({ name: 'auth', outbox, bus, logger, metrics: relayMetrics, lease: sweepLease })
  const passwords = createPasswords({
    cost: config.BCRYPT_COST,
    concurrency: config.BCRYPT_CONCURRENCY,
    maxWaiting: config.LOGINS_MAX_WAITING,
  })
  const limits = createAuthLimits({
    config,
    limiterFor,
    sawAddress: createOneAddressWatch({ logger }).saw,
  })
  const registerUser = createRegisterUser({ users, passwords, relay })
  const findUser = createFindUser({ users })
  const search = createSearchUsers({ users })

  const endSessions = createEndSessions({ sessions, relay, ended, tokenMs })
  const logIn = createLogIn({
    users,
    sessions,
    endSessions,
    passwords,
    limits,
    accessTokens,
    refreshTokens,
    deviceTokens,
    sessionMs,
    maxSessions,
    security,
  })
  const logOut = createLogOut({ users, sessions, endSessions, ended, relay, tokenMs, maxSessions, security })
  const refreshSession = createRefreshSession({
    users,
    sessions,
    endSessions,
    accessTokens,
    refreshTokens,
    refreshes: bucketsFor({
      name: 'refreshes',
      perSecond: config.REFRESHES_PER_MINUTE / 60,
      burst: config.REFRESHES_PER_MINUTE,
    }),
    sessionMs,
    lifetimeMs: config.SESSION_LIFETIME_DAYS * dayMs,
    placeOf: createPlaceOf(refreshSecret),
    logger,
    security,
    reuses: metrics.counter('parley_refresh_tokens_reused_total', 'Sessions ended by an old refresh token'),
  })

  const routes = createRoutes({ verifyToken, maxRequestsPerUser: config.HTTP_MAX_REQUESTS_PER_USER })
  addUserRoutes(routes, {
    registerUser,
    findUser,
    search,
    limits,
    registration: createRegistration(config),
    security,
  })
  const routesOfEnded = createRoutes({
    verifyToken: verifyAnyToken,
    maxRequestsPerUser: config.HTTP_MAX_REQUESTS_PER_USER,
  })
  routes.router.use(routesOfEnded.router)
  addSessionRoutes(routes, routesOfEnded, { logIn, refreshSession, logOut })
  routes.add(getJwks, async () => ({ status: 200, body: await jwks() }))

  const internalRoutes = createRoutes({ verifyToken })
  internalRoutes.add(listEndedSessions, async ({ query }) => ({
    status: 200,
    body: await listEnded(query.after),
  }))

  let cleaning: NodeJS.Timeout | undefined
  /** What cannot be forgotten now, such as on a full disk, is forgotten later. */
  async function clean(): Promise<void> {
    try {
      await sessions.removeExpired(Date.now())
    } catch (error) {
      if (isOurFault(error)) logger.error({ err: error }, 'expired sessions were not removed')
    }
  }

  return {
    router: routes.router,
    internalRouter: internalRoutes.router,
    verifyToken,
    ended,
    jwks,
    findPerson: (id) => findUser.person(id),
    registerUser,
    async start() {
      // Without the broker, too, for which it waits.
      const followed = following.start()
      await Promise.all([
        relay.start(),
        users.samplePasswordHashes().then((hashes) => passwords.noteStored(hashes)),
        clean(),
      ])
      clearInterval(cleaning)
      cleaning = setInterval(() => void clean(), cleaningMs).unref()
      await followed
    },
    async close() {
      clearInterval(cleaning)
      keys.close()
      await relay.close()
      await following.close()
      await sweepLease.release()
    },
  }
}
