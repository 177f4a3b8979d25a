import { type Operation, problemsOf } from '@parley/contracts/operation.ts'
import { problem, type Problem, type ProblemCode, problems } from '@parley/contracts/problem.ts'
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import { answerHeaders, retryHeaders } from './response-headers.ts'

/** What an operation may answer when it does not succeed: one response per status, one example per code. */
export function problemResponses(operation: Operation): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(problemsOf(operation), (code) => problems[code].status)
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, problemResponse(codes)]))
}

export function problemResponse(codes: readonly ProblemCode[]): ZodOpenApiResponseObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('\n\n'),
    headers: codes.some(mayPass) ? retryHeaders : answerHeaders,
    content: {
      'application/problem+json': {
        schema: problem,
        examples: Object.fromEntries(
          codes.map((code) => [code, { summary: problems[code].title, value: exampleOf(code) }]),
        ),
      },
    },
  }
}

/** Too many requests, or not available now. */
const mayPass = (code: ProblemCode): boolean => [429, 503].includes(problems[code].status)

function exampleOf(code: ProblemCode): Problem {
  return {
    type: `urn:parley:problem:${code}`,
    ...problems[code],
    code,
    correlationId: '2f1c9a52-6f0e-4d0c-9a53-1f7b8f0f4c11',
    ...(code === 'validation-failed' && {
      errors: [{ path: 'messageDetails.text', message: 'must not be blank' }],
    }),
    ...(mayPass(code) && { retryAfterSeconds: 2 }),
  }
}
