import { z } from 'zod'

const wholeNumber = (least: number, most: number, standard: number, description: string) =>
  z.coerce.number().int().min(least).max(most).default(standard).meta({ description })

/** The settings of the auth service, by the names of their environment variables. */
export const authConfig = z.object({
  BCRYPT_COST: wholeNumber(
    4,
    15,
    12,
    'Cost of a password hash; each step doubles the work. Hashes made before a change keep their cost',
  ),
  BCRYPT_CONCURRENCY: wholeNumber(1, 64, 2, 'How many passwords are hashed at the same time'),
  ACCESS_TOKEN_SECONDS: wholeNumber(1, 86_400, 900, 'Lifetime of an access token, in seconds'),
  SESSION_DAYS: wholeNumber(1, 365, 30, 'Days until a session ends that nobody refreshes'),
  TOKEN_ISSUER: z
    .string()
    .min(1)
    .default('https://parley.local')
    .meta({ description: '`iss` of access tokens; every service must have the same' }),
  TOKEN_AUDIENCE: z
    .string()
    .min(1)
    .default('parley')
    .meta({ description: '`aud` of access tokens; every service must have the same' }),
  LOGIN_FAILURES_PER_ACCOUNT: wholeNumber(
    1,
    1_000_000,
    10,
    'Failed logins per e-mail address and window before further ones are refused',
  ),
  LOGIN_FAILURES_PER_ADDRESS: wholeNumber(
    1,
    1_000_000,
    100,
    'Failed logins per network address and window before further ones are refused',
  ),
  LOGIN_WINDOW_SECONDS: wholeNumber(
    1,
    86_400,
    900,
    'Length of the window in which failed logins count, in seconds',
  ),
  AUTH_ATTEMPTS_PER_ADDRESS: wholeNumber(
    1,
    1_000_000,
    300,
    'Registrations and logins per network address and minute, successful or not',
  ),
})
export type AuthConfig = z.infer<typeof authConfig>
