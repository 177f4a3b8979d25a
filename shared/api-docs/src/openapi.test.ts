import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { problemsOf } from '@parley/contracts/operation.ts'
import { operations } from '@parley/contracts/operations.ts'
import { problem, type ProblemCode, problems } from '@parley/contracts/problem.ts'
import { ParleyError, toProblem } from '@parley/platform/parley-error.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createOpenApiDocument } from './openapi.ts'
import { danglingRefs, refsIn, schemasWithExamples, walk } from './walk-document.ts'

type Responses = Record<
  string,
  {
    headers: object
    content?: Record<string, { schema: object; examples?: Record<string, { value: object }> }>
  }
>
interface Described {
  operationId: string
  description: string
  security: object[]
  parameters?: { in: string; name: string }[]
  requestBody?: object
  responses: Responses
}

const document = createOpenApiDocument()
const described = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Described>).map(([method, operation]) => ({
    path,
    method,
    ...operation,
  })),
)
const find = (id: string) => {
  const found = described.find(({ operationId }) => operationId === id)
  if (found === undefined) throw new Error(`${id} is not in the document`)
  return found
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    // The validator is an ES module that needs `import.meta`, so it runs in a Node process of its own.
    const folder = createTemporaryFolder()
    try {
      const file = join(folder.path, 'openapi.json')
      writeFileSync(file, JSON.stringify(document))
      const validator = require.resolve('@seriousme/openapi-schema-validator/bin/validate-api-cli.js')
      const { stdout } = await promisify(execFile)(process.execPath, [validator, file])
      expect(JSON.parse(stdout)).toEqual({ valid: true })
    } finally {
      folder.remove()
    }
  })

  it('has every operation and no other, besides what each process answers about itself', () => {
    expect(described.map(({ operationId }) => operationId)).toEqual([
      ...operations.map(({ id }) => id),
      'getHealth',
      'getReadiness',
    ])
  })

  it.each(operations)('describes $id as its contract says', (operation) => {
    const found = find(operation.id)
    expect(found.method).toBe(operation.method)
    expect(found.path.replaceAll(/\{(\w+)\}/g, ':$1')).toBe(operation.path)
    expect(found.security).toEqual(operation.authenticated ? [{ accessToken: [] }] : [])
    expect(found.requestBody === undefined).toBe(operation.body === undefined)
    const named = (place: string) =>
      (found.parameters ?? []).filter((parameter) => parameter.in === place).map(({ name }) => name)
    expect(named('path')).toEqual(Object.keys(operation.params?.shape ?? {}))
    expect(named('query')).toEqual(Object.keys(operation.query?.shape ?? {}))
  })

  it.each(operations)('lists every answer of $id', (operation) => {
    const { responses } = find(operation.id)
    const successes = Object.keys(operation.responses)
    const codes = problemsOf(operation)
    const statuses = new Set([...successes, ...codes.map((code) => String(problems[code].status))])
    expect(new Set(Object.keys(responses))).toEqual(statuses)
    for (const [status, schema] of Object.entries(operation.responses)) {
      expect(responses[status]?.content === undefined).toBe(schema === null)
    }
    for (const code of codes) {
      const content = responses[problems[code].status]?.content?.['application/problem+json']
      expect(content?.examples).toHaveProperty(code)
    }
    for (const response of Object.values(responses)) {
      expect(response.headers).toHaveProperty('x-correlation-id')
    }
  })

  it('says when to come back with 429 and 503', () => {
    expect(find('login').responses[429]?.headers).toHaveProperty('retry-after')
    expect(find('sendMessage').responses[503]?.headers).toHaveProperty('retry-after')
  })

  it('shows problems as they are answered', () => {
    const examples = described
      .filter(({ operationId }) => operations.some(({ id }) => id === operationId))
      .flatMap(({ responses }) => Object.values(responses))
      .flatMap(({ content }) => Object.entries(content?.['application/problem+json']?.examples ?? {}))
    for (const [code, { value }] of examples) {
      const shown = problem.parse(value)
      expect(shown).toMatchObject(toProblem(new ParleyError(code as ProblemCode), shown.correlationId))
    }
    expect(new Set(examples.map(([code]) => code))).toEqual(
      new Set(operations.flatMap((operation) => problemsOf(operation))),
    )
  })

  it('has no reference that leads nowhere', () => {
    expect(refsIn(document).length).toBeGreaterThan(100)
    expect(danglingRefs(document)).toEqual([])
  })

  it('gives only examples that its schemas accept', () => {
    const schemas = schemasWithExamples(document)
    expect(schemas.length).toBeGreaterThan(20)
    const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'document')
    for (const { pointer, examples } of schemas) {
      const validate = ajv.compile({ $ref: `document${pointer}` })
      for (const example of examples) expect([pointer, validate(example), example]).toContain(true)
    }
  })

  it('lets answers gain fields, and bodies that are strict stay strict', () => {
    const { schemas = {} } = document.components ?? {}
    expect(schemas['TimelineResponse']).not.toHaveProperty('additionalProperties')
    expect(schemas['SendMessageRequest']).toHaveProperty('additionalProperties', false)
  })

  it('explains every operation, and shows a body that each one takes', () => {
    for (const { description, responses } of described) {
      expect(description).toMatch(/\.$/)
      expect(Object.keys(responses).some((status) => status.startsWith('4'))).toBe(true)
    }
    const bodies = operations.filter(({ body }) => body !== undefined)
    expect(bodies.length).toBeGreaterThan(5)
    for (const { id, body, example } of bodies) {
      expect([id, body?.safeParse(example).error]).toEqual([id, undefined])
      expect(find(id).requestBody).toMatchObject({ content: { 'application/json': { example } } })
    }
  })

  it('says how large each integer gets, and that none is negative', () => {
    const integers = [...walk(document)].flatMap(([pointer, value]) => {
      const schema = value as { type?: string; format?: string; minimum?: number; maximum?: number } | null
      return typeof schema === 'object' && schema?.type === 'integer' ? [{ pointer, ...schema }] : []
    })
    expect(integers.length).toBeGreaterThan(20)
    for (const { pointer, format, minimum = -1, maximum = Infinity } of integers) {
      const fits = format === 'int32' ? maximum < 2 ** 31 : format === 'int64' && maximum < 2 ** 63
      expect([pointer, fits, minimum >= 0]).toEqual([pointer, true, true])
    }
  })

  const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'document')
  const accepts = (schema: string, value: object) =>
    ajv.compile({ $ref: `document#/components/schemas/${schema}` })(value)

  it('lets later releases add kinds, codes and reasons', () => {
    const { value } = find('login').responses[404]!.content!['application/problem+json']!.examples![
      'invalid-credentials'
    ] as { value: object }
    expect(accepts('Problem', value)).toBe(true)
    expect(accepts('Problem', { ...value, code: 'of-a-later-release' })).toBe(true)
    expect(accepts('Problem', { ...value, code: 7 })).toBe(false)

    const entry = {
      id: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11',
      conversationId: '5c1f1c5e-8a59-5d3c-9d6b-0f6f6a2a9e77',
      seq: 1,
      senderId: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10',
      clientId: 'a',
      at: '2026-01-31T12:00:00.000Z',
    }
    const known = { ...entry, kind: 'message-created', body: { text: 'Hello' } }
    expect(accepts('KnownEntry', known)).toBe(true)
    expect(accepts('TimelineEntry', known)).toBe(true)
    const unknown = { ...entry, kind: 'poll-opened', body: { question: 'Tea?' }, extra: 1 }
    expect(accepts('KnownEntry', unknown)).toBe(false)
    expect(accepts('TimelineEntry', unknown)).toBe(true)
    expect(accepts('TimelineEntry', { ...unknown, seq: 0 })).toBe(false)

    const conversation = { id: entry.conversationId, memberIds: [], createdAt: entry.at }
    expect(accepts('Conversation', { ...conversation, kind: 'direct' })).toBe(true)
    expect(accepts('Conversation', { ...conversation, kind: 'broadcast' })).toBe(true)
  })

  it('says which fields exclude each other, and which of them there must be', () => {
    const message = { clientId: 'a', text: 'Hello' }
    const [to, conversationId] = [
      '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f11',
      '5c1f1c5e-8a59-5d3c-9d6b-0f6f6a2a9e77',
    ]
    expect(accepts('SendMessageCommand', { ...message, to })).toBe(true)
    expect(accepts('SendMessageCommand', { ...message, conversationId })).toBe(true)
    expect(accepts('SendMessageCommand', { ...message, to, conversationId })).toBe(false)
    expect(accepts('SendMessageCommand', message)).toBe(false)
    expect(accepts('SendMessageCommand', { ...message, to, text: ' \n' })).toBe(false)
    expect(accepts('AdvanceReceiptRequest', { read: 1 })).toBe(true)
    expect(accepts('AdvanceReceiptRequest', { delivered: 2, read: 1 })).toBe(true)
    expect(accepts('AdvanceReceiptRequest', {})).toBe(false)
    expect(accepts('AdvanceReceiptRequest', { read: 1, more: 1 })).toBe(false)
  })

  it('names the server it was asked to name', () => {
    expect(document.servers).toEqual([{ url: 'http://localhost:3000' }])
    expect(createOpenApiDocument({ serverUrl: 'https://chat.test' }).servers).toEqual([
      { url: 'https://chat.test' },
    ])
  })
})
