import type { AuthConfig } from '../config.ts'
import { consume, type LimiterFor } from './limiter.ts'

/** Bounds guessing, and the CPU that strangers can make bcrypt use. */
export interface AuthLimits {
  /**
   * Counts a registration or a login from a network address.
   * @throws ParleyError `rate-limited`
   */
  countAttempt(address: string): Promise<void>
  /**
   * Counts a login as failed before its password is compared, so that guesses made at the same time cannot
   * pass the limit together. An unknown e-mail address counts like a known one.
   * @throws ParleyError `rate-limited`
   */
  beginLogin(email: string, address: string): Promise<LoginAttempt>
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
  })
  const failuresByAddress = limiterFor({
    name: 'login-failures-address',
    points: config.LOGIN_FAILURES_PER_ADDRESS,
    seconds: config.LOGIN_WINDOW_SECONDS,
  })
  const failuresByAccount = limiterFor({
    name: 'login-failures-account',
    points: config.LOGIN_FAILURES_PER_ACCOUNT,
    seconds: config.LOGIN_WINDOW_SECONDS,
  })

  return {
    countAttempt: (address) => consume(attempts, address),
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
