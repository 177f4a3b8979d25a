import { z } from 'zod'

const correlationId = z
  .string()
  .meta({ description: 'Finds this request in the logs.', header: { id: 'CorrelationId' } })

const retryAfter = z
  .string()
  .optional()
  .meta({ description: 'Seconds to wait before the next try.', header: { id: 'RetryAfter' } })

/** On every answer. A client that sends `x-correlation-id` (8 to 64 of `A-Z a-z 0-9 _ . -`) gets it back. */
export const answerHeaders = z.object({ 'x-correlation-id': correlationId })

/** On problems that may pass by themselves. */
export const retryHeaders = answerHeaders.extend({ 'retry-after': retryAfter })
