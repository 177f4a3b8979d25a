import { failpoint } from '@parley/platform/failpoints.ts'
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
  AUTH_URL: serviceUrl('auth'),
})
