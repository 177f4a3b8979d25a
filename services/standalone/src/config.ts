import { authConfig } from '@parley/auth/config.ts'
import { chatConfig } from '@parley/chat/config.ts'
import { logLevels } from '@parley/platform/log.ts'
import { realtimeConfig } from '@parley/realtime/config.ts'
import { z } from 'zod'

/** All services' settings, since they share this process, and what only the process itself needs. */
export const standaloneConfig = z.object({
  ...authConfig.shape,
  ...chatConfig.shape,
  ...realtimeConfig.shape,
  LOG_LEVEL: z
    .enum(logLevels)
    .default('warn')
    .meta({ description: 'What is logged, as JSON lines on stderr.' }),
  SHUTDOWN_DEADLINE_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(10_000)
    .meta({ description: 'How long closing may take, in milliseconds, before the process gives up.' }),
  TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'How many proxies in front may say who the client is (`X-Forwarded-For`).' }),
})
export type StandaloneConfig = z.infer<typeof standaloneConfig>
