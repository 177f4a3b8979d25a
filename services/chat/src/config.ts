import { failpoint } from '@parley/platform/failpoints.ts'
import { redisUrl } from '@parley/platform/redis/redis-address.ts'
import {
  httpMaxRequestsPerUser,
  mongoUrl,
  rabbitMqUrl,
  serviceConfig,
  serviceUrl,
} from '@parley/platform/service-config.ts'
import { tokenConfig } from '@parley/platform/tokens/token-config.ts'
import { wholeNumber } from '@parley/platform/whole-number.ts'
import { z } from 'zod'

/** The chat service's settings, by the names of their environment variables. */
export const chatConfig = z.object({
  SENDS_MAX_WAITING: wholeNumber(
    { least: 1, most: 100_000, standard: 1_000 },
    'Messages that may wait for the write before them; further ones are refused as `overloaded`',
  ),
  SENDS_MAX_WAIT_MS: wholeNumber(
    { least: 100, most: 60_000, standard: 5_000 },
    'How long a message may wait for the write before it until it is refused as `overloaded`, in milliseconds',
  ),
  SENDS_PER_SECOND: wholeNumber(
    { least: 1, most: 1_000_000, standard: 20 },
    'Messages per user and second, on all ways together; further ones are refused as `rate-limited`',
  ),
  SENDS_BURST: wholeNumber(
    { least: 1, most: 10_000_000, standard: 200 },
    'Messages that a user may send at once after a pause',
  ),
  SEND_BYTES_PER_HOUR: wholeNumber(
    { least: 65_536, most: 1_000_000_000_000, standard: 67_108_864 },
    'Bytes that a user may store in an hour, 500 for each message and its text; further ones are refused as `quota-used-up`',
  ),
  STORED_BYTES_PER_USER: wholeNumber(
    { least: 0, most: 1_000_000_000_000_000, standard: 10_737_418_240 },
    'Bytes that a user may store in all (500 for each message and its text; 0 for no limit); further messages are refused as `storage-used-up`',
  ),
  READS_PER_SECOND: wholeNumber(
    { least: 1, most: 1_000_000, standard: 50 },
    'Questions to chat, and receipts, per user and second; further ones are refused as `rate-limited`. An answer counts as one more for each 16 kB of it',
  ),
  READS_BURST: wholeNumber(
    { least: 1, most: 10_000_000, standard: 500 },
    'Questions and receipts that a user may send at once after a pause',
  ),
  OUTBOX_SWEEP_MS: wholeNumber(
    { least: 100, most: 60_000, standard: 1_000 },
    'Time between two searches for events that a crash left behind, in milliseconds',
  ),
  OUTBOX_SWEEP_AFTER_MS: wholeNumber(
    { least: 0, most: 600_000, standard: 5_000 },
    'How old a pending event must be before that search takes it, in milliseconds',
  ),
  HTTP_MAX_REQUESTS_PER_USER: httpMaxRequestsPerUser,
  FAILPOINT: failpoint,
})
export type ChatConfig = z.infer<typeof chatConfig>

/** The settings of the process that runs chat in the stack. */
export const chatProcessConfig = z.object({
  ...serviceConfig.shape,
  ...chatConfig.shape,
  ...tokenConfig.shape,
  MONGO_URL: mongoUrl,
  RABBITMQ_URL: rabbitMqUrl,
  // The release before did without.
  REDIS_URL: redisUrl.optional(),
  AUTH_URL: serviceUrl('auth'),
})
