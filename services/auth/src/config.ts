import { redisUrl } from '@parley/platform/redis/redis-address.ts'
import { checkSigningKeys } from '@parley/platform/secrets/signing-key-pem.ts'
import { mongoUrl, rabbitMqUrl, serviceConfig } from '@parley/platform/service-config.ts'
import { tokenConfig } from '@parley/platform/tokens/token-config.ts'
import { wholeNumber } from '@parley/platform/whole-number.ts'
import { z } from 'zod'

/** The settings of the auth service, by the names of their environment variables. */
export const authConfig = z.object({
  BCRYPT_COST: wholeNumber(
    { least: 4, most: 15, standard: 12 },
    'Cost of a password hash; each step doubles the work. Hashes made before a change keep their cost',
  ),
  BCRYPT_CONCURRENCY: wholeNumber(
    { least: 1, most: 64, standard: 2 },
    'How many passwords are hashed at the same time',
  ),
  ACCESS_TOKEN_SECONDS: wholeNumber(
    { least: 1, most: 86_400, standard: 900 },
    'Lifetime of an access token, in seconds',
  ),
  SESSION_DAYS: wholeNumber(
    { least: 1, most: 365, standard: 30 },
    'Days until a session ends that nobody refreshes',
  ),
  ...tokenConfig.shape,
  LOGIN_FAILURES_PER_ACCOUNT: wholeNumber(
    { least: 1, most: 1_000_000, standard: 10 },
    'Failed logins per e-mail address and window before further ones are refused',
  ),
  LOGIN_FAILURES_PER_ADDRESS: wholeNumber(
    { least: 1, most: 1_000_000, standard: 100 },
    'Failed logins per network address and window before further ones are refused',
  ),
  LOGIN_WINDOW_SECONDS: wholeNumber(
    { least: 1, most: 86_400, standard: 900 },
    'Length of the window in which failed logins count, in seconds',
  ),
  AUTH_ATTEMPTS_PER_ADDRESS: wholeNumber(
    { least: 1, most: 1_000_000, standard: 300 },
    'Registrations and logins per network address and minute, successful or not',
  ),
  SEARCHES_PER_USER: wholeNumber(
    { least: 1, most: 1_000_000, standard: 60 },
    'Searches for users per user and minute',
  ),
})
export type AuthConfig = z.infer<typeof authConfig>

/** The settings of the process that runs auth in the stack. */
export const authProcessConfig = z.object({
  ...serviceConfig.shape,
  ...authConfig.shape,
  MONGO_URL: mongoUrl,
  RABBITMQ_URL: rabbitMqUrl,
  REDIS_URL: redisUrl,
  SIGNING_KEY: z
    .string()
    .superRefine((text, context) => {
      const fault = checkSigningKeys(text)
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
    })
    .meta({ description: 'Private key of access tokens: EC on the curve P-256, PKCS #8 in PEM' }),
  REFRESH_SECRET: z
    .string()
    .min(32)
    .meta({ description: 'Key of refresh tokens, at least 32 random bytes; a new one ends all sessions' }),
})
