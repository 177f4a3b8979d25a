import { STATUS_CODES } from 'node:http'
import type { Operation } from '@parley/contracts/operation.ts'
import { operations } from '@parley/contracts/operations.ts'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import packageJson from '../package.json' with { type: 'json' }
import { leaveOpen } from './leave-open.ts'
import { problemResponses } from './problem-responses.ts'
import { processPaths } from './process-paths.ts'
import { answerHeaders } from './response-headers.ts'

export type OpenApiDocument = ReturnType<typeof createDocument>

/**
 * The OpenAPI 3.1 document of every HTTP operation, made from the contracts that the services check by.
 * @param serverUrl where the API is; by default where the document itself was loaded from
 */
export function createOpenApiDocument({ serverUrl = '/' }: { serverUrl?: string } = {}): OpenApiDocument {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Parley',
        version: packageJson.version,
        description:
          'A chat backend. Errors are RFC 9457 problems with a `code`. The other half of the API, sockets ' +
          'and broker events, is in [asyncapi.json](/docs/asyncapi.json).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: serverUrl }],
      tags: [...new Set(operations.map(({ tag }) => tag)), 'Process'].map((name) => ({ name })),
      paths: { ...operationPaths(), ...processPaths },
      components: {
        securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    { override: leaveAnswersOpen },
  )
}

function operationPaths(): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method]: describe(operation) }
  }
  return paths
}

function describe(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, authenticated, params, query, body } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: authenticated ? [{ accessToken: [] }] : [],
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...successResponses(operation), ...problemResponses(operation) },
  }
}

function successResponses({ responses }: Operation): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      {
        description: STATUS_CODES[status] ?? status,
        headers: answerHeaders,
        ...(schema && { content: { 'application/json': { schema } } }),
      },
    ]),
  )
}

const leaveAnswersOpen: ZodOpenApiOverride = (context) => {
  if (context.io === 'output') leaveOpen(context)
}
