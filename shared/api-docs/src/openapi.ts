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
import { formatIntegers } from './format-integers.ts'
import { fallbacks, leaveOpen } from './leave-open.ts'
import { problemResponses } from './problem-responses.ts'
import { processPaths } from './process-paths.ts'
import { answerHeaders } from './response-headers.ts'
import { writeOutChoices } from './write-out-choices.ts'

/** Where `npm start` serves the API; what serves the documents names its own address. */
export const standardServerUrl = 'http://localhost:3000'

const tagDescriptions: Readonly<Record<string, string>> = {
  Users: 'Accounts, and finding people.',
  Sessions: 'Logging in and out, and the keys of access tokens.',
  Messages: 'Sending, and reading backwards.',
  Conversations: 'What one takes part in.',
  Timeline: 'What happened, in order and without holes.',
  Receipts: 'How far everybody got.',
  Process: 'What each process says about itself.',
}

export type OpenApiDocument = ReturnType<typeof createDocument>

/**
 * The OpenAPI 3.1 document of every HTTP operation, made from the contracts that the services check by.
 * @param serverUrl where the API is; by default where `npm start` serves it
 */
export function createOpenApiDocument({
  serverUrl = standardServerUrl,
}: { serverUrl?: string } = {}): OpenApiDocument {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Parley',
        version: packageJson.version,
        description:
          'A chat backend. Errors are RFC 9457 problems with a `code`. The other half of the API, sockets ' +
          'and broker events, is explained on [a page of its own](/docs/sockets), from [asyncapi.json](/docs/asyncapi.json).',
        license: { name: 'MIT', identifier: 'MIT' },
        contact: { name: 'The people who run this server' },
      },
      servers: [{ url: serverUrl }],
      tags: [...new Set(operations.map(({ tag }) => tag)), 'Process'].map((name) => ({
        name,
        description: tagDescriptions[name] ?? name,
      })),
      paths: { ...operationPaths(), ...processPaths },
      components: {
        schemas: fallbacks,
        securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    { override },
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
  const { id, tag, summary, description, authenticated, params, query, body, example } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: authenticated ? [{ accessToken: [] }] : [],
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: body, example } } },
    }),
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

const override: ZodOpenApiOverride = (context) => {
  formatIntegers(context)
  writeOutChoices(context)
  if (context.io === 'output') leaveOpen(context)
}
