import packageJson from '../package.json' with { type: 'json' }
import { closeReasons } from '@parley/contracts/socket.ts'
import { describeBroker } from './asyncapi-broker.ts'
import { type Channels, ref } from './asyncapi-parts.ts'
import { createSchemaCollection, type SchemaCollection } from './asyncapi-schemas.ts'
import { describeSockets } from './asyncapi-sockets.ts'
import { fallbacks } from './leave-open.ts'
import { standardServerUrl } from './openapi.ts'

export interface AsyncApiDocument extends Channels {
  readonly asyncapi: '3.0.0'
  readonly info: object
  readonly servers: object
  readonly components: { readonly schemas: SchemaCollection['schemas']; readonly securitySchemes: object }
}

/**
 * The AsyncAPI 3.0 document of the socket events and the broker events, made from their contracts.
 * @param serverUrl where the gateway is
 */
export function createAsyncApiDocument({
  serverUrl = standardServerUrl,
}: { serverUrl?: string } = {}): AsyncApiDocument {
  const { host, protocol } = new URL(serverUrl)
  const collection = createSchemaCollection()
  for (const schema of Object.values(fallbacks)) collection.add(schema, 'output')
  const sockets = describeSockets(collection)
  const broker = describeBroker(collection)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Parley',
      version: packageJson.version,
      description: 'Socket events, for clients; broker events, for other services of the same installation.',
      license: { name: 'MIT' },
      contact: { name: 'The people who run this server' },
      tags: [{ name: 'chat' }],
    },
    servers: {
      gateway: {
        host,
        protocol: protocol === 'https:' ? 'wss' : 'ws',
        pathname: '/socket.io/',
        description:
          'Socket.IO 4 (`EIO=4`), transport websocket only, its standard parser, the main namespace. The reasons in ' +
          `close frames are ${Object.keys(closeReasons).join(', ')}. The HTTP API is in openapi.json.`,
        security: [ref('components', 'securitySchemes', 'accessToken')],
      },
      broker: {
        host: 'rabbitmq:5672',
        protocol: 'amqp',
        description: 'RabbitMQ, inside the stack only. In one process the same events stay in memory.',
      },
    },
    channels: { ...sockets.channels, ...broker.channels },
    operations: { ...sockets.operations, ...broker.operations },
    components: {
      schemas: collection.schemas,
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Given as `auth.token` when the socket connects.',
        },
      },
    },
  }
}
