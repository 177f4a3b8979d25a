import specs from '@asyncapi/specs'
import { eventData } from '@parley/contracts/events.ts'
import { clientEvents, serverEvents } from '@parley/contracts/socket.ts'
import { Ajv } from 'ajv'
import { z } from 'zod'
import { capitalized, nameOf } from './asyncapi-parts.ts'
import { createSchemaCollection } from './asyncapi-schemas.ts'
import { createAsyncApiDocument } from './asyncapi.ts'
import { danglingRefs, refsIn, schemasWithExamples } from './walk-document.ts'

const document = createAsyncApiDocument()
const { channels, operations } = document
const addressesOf = (action: 'send' | 'receive', server: string) =>
  Object.entries(operations)
    .filter(([id, operation]) => operation.action === action && channels[id]?.servers[0]?.$ref === server)
    .map(([id]) => channels[id]?.address)

describe('the AsyncAPI document', () => {
  it('is valid AsyncAPI 3.0', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false })
    const validate = ajv.compile(specs.schemasWithoutId['3.0.0'] as object)
    validate(document)
    expect(validate.errors ?? []).toEqual([])
  })

  it('has every event that clients send, each with both forms of its ack', () => {
    expect(addressesOf('receive', '#/servers/gateway')).toEqual(['connect', ...Object.keys(clientEvents)])
    for (const name of Object.keys(clientEvents)) {
      const id = nameOf('client', name)
      const channel = `#/channels/${id}`
      const message = `${channel}/messages/${capitalized(nameOf(name))}`
      expect(operations[id]?.reply).toEqual({
        channel: { $ref: channel },
        messages: [{ $ref: `${message}Accepted` }, { $ref: `${message}Refused` }],
      })
    }
  })

  it('has every event that the gateway sends', () => {
    expect(addressesOf('send', '#/servers/gateway')).toEqual(Object.keys(serverEvents))
  })

  it('has every event of the broker, routed by its type through the one exchange', () => {
    expect(addressesOf('send', '#/servers/broker')).toEqual(Object.keys(eventData))
    for (const type of Object.keys(eventData)) {
      const id = nameOf(type)
      expect(channels[id]?.bindings).toMatchObject({ amqp: { exchange: { name: 'parley.events' } } })
      const payload = channels[id]?.messages[capitalized(id)]?.payload as { $ref: string }
      expect(document.components.schemas[payload.$ref.split('/').at(-1)!]).toMatchObject({
        properties: { specversion: { const: '1.0' }, type: { const: type } },
      })
    }
  })

  it('has no reference that leads nowhere', () => {
    expect(refsIn(document).length).toBeGreaterThan(50)
    expect(danglingRefs(document)).toEqual([])
  })

  it('gives only examples that its schemas accept', () => {
    const schemas = schemasWithExamples(document)
    expect(schemas.length).toBeGreaterThan(10)
    const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(document, 'document')
    for (const { pointer, examples } of schemas) {
      const validate = ajv.compile({ $ref: `document${pointer}` })
      for (const example of examples) expect([pointer, validate(example), example]).toContain(true)
    }
  })

  it('lets what is sent gain fields, and what is accepted stay strict', () => {
    const { schemas } = document.components
    expect(schemas['MessageSendAck']).not.toHaveProperty('additionalProperties')
    expect(schemas['WatchPresenceCommand']).toHaveProperty('additionalProperties', false)
  })

  it('has names that are names in every language, and none of them twice', () => {
    const messages = Object.values(channels).flatMap((channel) => Object.values(channel.messages))
    const names = [
      ...Object.keys(channels),
      ...Object.keys(document.components.schemas),
      ...messages.map(({ name }) => name),
    ]
    for (const name of names) expect(name).toMatch(/^[A-Za-z][A-Za-z0-9]*$/)
    expect(new Set(Object.keys(operations))).toEqual(new Set(Object.keys(channels)))
    // So that models have names, too.
    for (const { payload } of messages) expect(Object.keys(payload)).toEqual(['$ref'])
  })

  it('explains every operation', () => {
    for (const { summary, description } of Object.values(operations))
      expect([summary, description]).toEqual([expect.stringMatching(/./), expect.stringMatching(/\.$/)])
  })

  it('lets later releases add kinds and codes', () => {
    const { schemas } = document.components
    expect(schemas['TimelineEntry']).toMatchObject({
      anyOf: [{ $ref: '#/components/schemas/KnownEntry' }, { $ref: '#/components/schemas/UnknownEntry' }],
    })
    expect(schemas['KnownEntry']).toMatchObject({ discriminator: 'kind' })
    expect(schemas['Problem']).toMatchObject({
      properties: { code: { anyOf: [{ enum: expect.arrayContaining(['internal']) }, { type: 'string' }] } },
    })
  })

  it('says how to reach the gateway', () => {
    expect(createAsyncApiDocument({ serverUrl: 'https://chat.test' }).servers).toMatchObject({
      gateway: { host: 'chat.test', protocol: 'wss', pathname: '/socket.io/' },
    })
  })
})

it('a schema that is both sent and accepted is refused, since one form cannot be right for both', () => {
  const { add } = createSchemaCollection()
  const both = z.object({ text: z.string() }).meta({ id: 'Both' })
  add(both, 'input')
  expect(() => add(both, 'output')).toThrow('Both is both sent and accepted')
})
