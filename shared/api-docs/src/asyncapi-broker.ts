import { event } from '@parley/contracts/events.ts'
import { type Channel, type Channels, type Operation, ref } from './asyncapi-parts.ts'
import type { SchemaCollection } from './asyncapi-schemas.ts'

/** The topic exchange that all events go through; an event's type is its routing key. */
const exchange = { name: 'parley.events', type: 'topic', durable: true, autoDelete: false, vhost: '/' }

/** One channel per type of event. */
export function describeBroker({ add }: SchemaCollection): Channels {
  const channels: Record<string, Channel> = {}
  const operations: Record<string, Operation> = {}
  for (const envelope of event.options) {
    const type = envelope.shape.type.value
    channels[type] = {
      address: type,
      description: `Routing key of \`${type}\``,
      servers: [ref('servers', 'broker')],
      messages: {
        event: {
          name: type,
          contentType: 'application/cloudevents+json',
          payload: add(envelope, 'output'),
        },
      },
      bindings: { amqp: { is: 'routingKey', exchange, bindingVersion: '0.3.0' } },
    }
    operations[type] = {
      action: 'send',
      channel: ref('channels', type),
      summary: `Publish \`${type}\``,
      messages: [ref('channels', type, 'messages', 'event')],
    }
  }
  return { channels, operations }
}
