import { networkOf, siteOf } from '@parley/platform/http/client-address.ts'
import { consume, type Limiter, type LimiterFor } from '@parley/platform/limits/limiter.ts'
import type { AuthConfig } from '../config.ts'
import { type BeginLogin, createLoginLimits } from './login-limits.ts'

/**
 * Bounds guessing, the CPU that strangers can make bcrypt use, accounts made by the thousand, and reading out the
 * directory of users.
 *
 * While the counts cannot be had, logins and registrations are refused with `unavailable`, because guessing
 * must not go unlimited; searching goes on without a limit.
 */
export interface AuthLimits {
  /**
   * Counts a registration from a network address.
   * @throws ParleyError `rate-limited` or `unavailable`
   */
  countRegistration(address: string): Promise<void>
  /**
   * Counts a login as failed before its password is compared, so that guesses made at the same time cannot
   * pass the limit together. An unknown e-mail address counts like a known one.
   * @throws ParleyError `rate-limited` or `unavailable`
   */
  readonly beginLogin: BeginLogin
  /**
   * Counts a search for users by one of them.
   * @throws ParleyError `rate-limited`
   */
  countSearch(userId: string): Promise<void>
}

/** A /48 may have as much as so many of its networks. */
const networksOfSite = 3

/** @param sawAddress is told of every address that tries to log in or to register */
export function createAuthLimits({
  config,
  limiterFor,
  sawAddress = () => undefined,
}: {
  config: AuthConfig
  limiterFor: LimiterFor
  sawAddress?: (address: string) => void
}): AuthLimits {
  const attemptsIn = (name: string, points: number, seconds: number): Limiter =>
    limiterFor({ name, points, seconds, whenAway: 'refuse' })
  const perMinute = config.AUTH_ATTEMPTS_PER_ADDRESS
  const perHour = config.REGISTRATIONS_PER_ADDRESS
  const attempts = attemptsIn('auth-attempts', perMinute, 60)
  const registrations = attemptsIn('registrations', perHour, 3_600)
  const registrationsOfSite = attemptsIn('registrations-site', perHour * networksOfSite, 3_600)
  const searches = limiterFor({
    name: 'user-searches',
    points: config.SEARCHES_PER_USER,
    seconds: 60,
    whenAway: 'allow',
  })
  const beginLogin = createLoginLimits({ config, limiterFor })

  return {
    async countRegistration(address) {
      sawAddress(address)
      const network = networkOf(address)
      await consume(registrations, network)
      if (siteOf(address) !== network) await consume(registrationsOfSite, siteOf(address))
      // Last: they are shared with logins, and one that is refused takes nothing from those.
      await consume(attempts, network)
    },
    countSearch: (userId) => consume(searches, userId),
    async beginLogin(source) {
      sawAddress(source.address)
      // A device that is known waits for nobody behind its address.
      if (source.device !== undefined) return beginLogin(source)
      const network = networkOf(source.address)
      await consume(attempts, network)
      try {
        return await beginLogin(source)
      } catch (error) {
        await attempts.reward(network)
        throw error
      }
    },
  }
}
