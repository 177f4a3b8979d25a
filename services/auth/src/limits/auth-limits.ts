import type { AuthConfig } from '../config.ts'
import { consume, type LimiterFor } from '@parley/platform/limits/limiter.ts'

/**
 * Bounds guessing, the CPU that strangers can make bcrypt use, and reading out the directory of users.
 *
 * While the counts cannot be had, logins and registrations are refused with `unavailable`, because guessing
 * must not go unlimited; searching goes on without a limit.
 */
export interface AuthLimits {
  /**
   * Counts a registration or a login from a network address.
   * @throws ParleyError `rate-limited` or `unavailable`
   */
  countAttempt(address: string): Promise<void>
  /**
   * Counts a login as failed before its password is compared, so that guesses made at the same time cannot
   * pass the limit together. An unknown e-mail address counts like a known one.
   * @throws ParleyError `rate-limited` or `unavailable`
   */
  beginLogin(email: string, address: string): Promise<LoginAttempt>
  /**
   * Counts a search for users by one of them.
   * @throws ParleyError `rate-limited`
   */
  countSearch(userId: string): Promise<void>
}

export interface LoginAttempt {
  /** It did not fail: forgets the failures of the account, and this one of the network address. */
  succeed(): Promise<void>
  /** It came to no verdict, so it counts neither way. */
  withdraw(): Promise<void>
}

export function createAuthLimits({
  config,
  limiterFor,
}: {
  config: AuthConfig
  limiterFor: LimiterFor
}): AuthLimits {
  const attempts = limiterFor({
    name: 'auth-attempts',
    points: config.AUTH_ATTEMPTS_PER_ADDRESS,
    seconds: 60,
    whenAway: 'refuse',
  })
  const failuresByAddress = limiterFor({
    name: 'login-failures-address',
    points: config.LOGIN_FAILURES_PER_ADDRESS,
    seconds: config.LOGIN_WINDOW_SECONDS,
    whenAway: 'refuse',
  })
  const failuresByAccount = limiterFor({
    name: 'login-failures-account',
    points: config.LOGIN_FAILURES_PER_ACCOUNT,
    seconds: config.LOGIN_WINDOW_SECONDS,
    whenAway: 'refuse',
  })
  const searches = limiterFor({
    name: 'user-searches',
    points: config.SEARCHES_PER_USER,
    seconds: 60,
    whenAway: 'allow',
  })

  return {
    countAttempt: (address) => consume(attempts, address),
    countSearch: (userId) => consume(searches, userId),
    async beginLogin(email, address) {
      await consume(attempts, address)
      // The address first: one that is out of guesses cannot lock further accounts.
      await consume(failuresByAddress, address)
      await consume(failuresByAccount, email)
      return {
        async succeed() {
          await failuresByAccount.delete(email)
          await failuresByAddress.reward(address)
        },
        async withdraw() {
          await failuresByAccount.reward(email)
          await failuresByAddress.reward(address)
        },
      }
    },
  }
}
