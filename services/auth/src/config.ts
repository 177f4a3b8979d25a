import { redisUrl } from '@parley/platform/redis/redis-address.ts'
import { checkSigningKeys } from '@parley/platform/secrets/signing-key-pem.ts'
import {
  httpMaxRequestsPerUser,
  mongoUrl,
  rabbitMqUrl,
  serviceConfig,
} from '@parley/platform/service-config.ts'
import { longestTokenSeconds, tokenConfig } from '@parley/platform/tokens/token-config.ts'
import { wholeNumber } from '@parley/platform/whole-number.ts'
import { z } from 'zod'

/** The settings of the auth service, by the names of their environment variables. */
export const authConfig = z.object({
  BCRYPT_COST: wholeNumber(
    { least: 4, most: 15, standard: 12 },
    'Cost of a password hash; each step doubles the work. Raised, it is that of existing accounts from their next login on',
  ),
  BCRYPT_CONCURRENCY: wholeNumber(
    { least: 1, most: 64, standard: 2 },
    'How many passwords are hashed at the same time',
  ),
  LOGINS_MAX_WAITING: wholeNumber(
    { least: 2, most: 10_000, standard: 50 },
    'How many logins and registrations may wait for that, half of them from one network; known devices have as many places of their own',
  ),
  ACCESS_TOKEN_SECONDS: wholeNumber(
    { least: 1, most: longestTokenSeconds, standard: 900 },
    'Lifetime of an access token, in seconds',
  ),
  SESSION_DAYS: wholeNumber(
    { least: 1, most: 365, standard: 30 },
    'Days until a session ends that nobody refreshes',
  ),
  SESSION_LIFETIME_DAYS: wholeNumber(
    { least: 1, most: 3_650, standard: 365 },
    'Days until a session ends, however often it is refreshed',
  ),
  SESSIONS_PER_USER: wholeNumber(
    { least: 1, most: 1_000, standard: 100 },
    'Sessions that a user may have; a login beyond ends the one that was not used for the longest time',
  ),
  ...tokenConfig.shape,
  HTTP_MAX_REQUESTS_PER_USER: httpMaxRequestsPerUser,
  LOGIN_FAILURES_PER_ACCOUNT: wholeNumber(
    { least: 1, most: 1_000_000, standard: 10 },
    'Failed logins per e-mail address, network and window, before there is one in 30 seconds; from all networks ten times as many, before each has one in 5 minutes',
  ),
  LOGIN_FAILURES_PER_ADDRESS: wholeNumber(
    { least: 1, most: 1_000_000, standard: 100 },
    'Failed logins per network (an IPv4 address, an IPv6 /64; a /48 has three times as many) and window, before there is one a second',
  ),
  LOGIN_WINDOW_SECONDS: wholeNumber(
    { least: 1, most: 86_400, standard: 900 },
    'Length of the window in which failed logins count, in seconds',
  ),
  AUTH_ATTEMPTS_PER_ADDRESS: wholeNumber(
    { least: 1, most: 1_000_000, standard: 300 },
    'Registrations and logins per network and minute, successful or not',
  ),
  REGISTRATIONS_PER_ADDRESS: wholeNumber(
    { least: 1, most: 1_000_000, standard: 300 },
    'Registrations per network and hour',
  ),
  REGISTRATION: z
    .enum(['open', 'invite', 'closed'])
    .default('open')
    .meta({ description: 'Who may register: everybody, whoever has one of `INVITE_CODES`, or nobody' }),
  INVITE_CODES: z
    .string()
    .default('')
    .transform((list) => list.split(/[\s,]+/).filter((code) => code !== ''))
    .refine((codes) => codes.every((code) => code.length >= 12), 'must be codes of at least 12 characters')
    .meta({
      description:
        'With `REGISTRATION=invite`: codes of at least 12 characters, with commas or lines between them; each is good until it is taken off',
    }),
  SEARCHES_PER_USER: wholeNumber(
    { least: 1, most: 1_000_000, standard: 60 },
    'Searches for users per user and minute',
  ),
  REFRESHES_PER_MINUTE: wholeNumber(
    { least: 1, most: 1_000_000, standard: 120 },
    'Refreshes of all sessions of a user together per minute, and at once',
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
    .meta({
      description:
        'Private key of access tokens: EC on the curve P-256, PKCS #8 in PEM. Of several the first one signs, and all are published',
    }),
  SIGNING_KEY_FILE: z.string().optional().meta({
    description: 'A file with `SIGNING_KEY`. It is read again every few seconds (`npm run rotate-keys`)',
  }),
  REFRESH_SECRET: z
    .string()
    .min(32)
    .meta({ description: 'Key of refresh tokens, at least 32 random bytes; a new one ends all sessions' }),
})
