import { z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi'
import { problemResponse } from './problem-responses.ts'
import { answerHeaders } from './response-headers.ts'

const alive = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' })

const readiness = z
  .object({
    ready: z.boolean(),
    draining: z.boolean().meta({ description: 'Whether the process is on its way out.' }),
    checks: z.record(z.string(), z.enum(['ok', 'failed'])).meta({ description: 'One per dependency.' }),
  })
  .meta({ id: 'Readiness' })

const probe = (
  operationId: string,
  summary: string,
  description: string,
  responses: ZodOpenApiOperationObject['responses'],
): { get: ZodOpenApiOperationObject } => ({
  get: {
    operationId,
    tags: ['Process'],
    summary,
    description,
    security: [],
    responses: { ...responses, 431: problemResponse(['headers-too-large']) },
  },
})

const json = (description: string, schema: z.ZodType) => ({
  description,
  headers: answerHeaders,
  content: { 'application/json': { schema } },
})

/** What every process answers about itself, whichever services are in it. */
export const processPaths: ZodOpenApiPathsObject = {
  '/healthz': probe('getHealth', 'Whether the process is alive', 'Says nothing about what it depends on.', {
    200: json('Alive', alive),
  }),
  '/readyz': probe('getReadiness', 'Whether the process should be given work', 'Asks its dependencies.', {
    200: json('Ready', readiness),
    503: json('A dependency is away, or the process drains', readiness),
  }),
}
