import { z } from 'zod'

/** The chat service's settings, by the names of their environment variables. */
export const chatConfig = z.object({
  OUTBOX_SWEEP_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(1_000)
    .meta({ description: 'How often the outbox is searched for events that a crash left behind.' }),
  OUTBOX_SWEEP_AFTER_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(2_000)
    .meta({ description: 'How old a pending event must be before that search takes it.' }),
})
export type ChatConfig = z.infer<typeof chatConfig>
