import { authConfig } from '@parley/auth/config.ts'
import { chatConfig } from '@parley/chat/config.ts'
import { logLevels } from '@parley/platform/log.ts'
import { allowedHosts, requestLimits } from '@parley/platform/service-config.ts'
import { wholeNumber } from '@parley/platform/whole-number.ts'
import { realtimeConfig } from '@parley/realtime/config.ts'
import { z } from 'zod'

/** All services' settings, since they share this process, and what only the process itself needs. */
export const standaloneConfig = z.object({
  ...authConfig.shape,
  ...chatConfig.shape,
  ...realtimeConfig.shape,
  ...requestLimits,
  ALLOWED_HOSTS: allowedHosts,
  METRICS_PORT: wholeNumber(
    { least: 0, most: 65_535, standard: 0 },
    'Port of `/metrics`, which is not served on the port of the chat; 0 for any free one, which the start prints',
  ),
  METRICS_HOST: z.string().min(1).default('127.0.0.1').meta({
    description: 'Address of `/metrics` to listen on; only this machine can ask unless it is another one',
  }),
  LOG_LEVEL: z
    .enum(logLevels)
    .default('warn')
    .meta({ description: 'What is logged, as JSON lines on stderr' }),
  SHUTDOWN_DEADLINE_MS: wholeNumber(
    { least: 100, most: 600_000, standard: 10_000 },
    'How long closing may take before the process gives up, in milliseconds',
  ),
  TRUSTED_PROXIES: wholeNumber(
    { least: 0, most: 10, standard: 0 },
    'How many proxies in front may say who the client is (`X-Forwarded-For`)',
  ),
})
export type StandaloneConfig = z.infer<typeof standaloneConfig>
