import { event } from '@parley/contracts/events.ts'
import { capitalized, type Channel, type Channels, nameOf, type Operation, ref } from './asyncapi-parts.ts'
import type { SchemaCollection } from './asyncapi-schemas.ts'

/** The topic exchange that all events go through; an event's type is its routing key. */
const exchange = { name: 'parley.events', type: 'topic', durable: true, autoDelete: false, vhost: '/' }

/** One channel per type of event. */
export function describeBroker({ add }: SchemaCollection): Channels {
  const channels: Record<string, Channel> = {}
  const operations: Record<string, Operation> = {}
  for (const envelope of event.options) {
    const type = envelope.shape.type.value
    const id = nameOf(type)
    const name = capitalized(id)
    channels[id] = {
      address: type,
      description: `Routing key of \`${type}\``,
      servers: [ref('servers', 'broker')],
      messages: {
        [name]: {
          name,
          title: type,
          contentType: 'application/cloudevents+json',
          payload: add(envelope, 'output'),
        },
      },
      bindings: { amqp: { is: 'routingKey', exchange, bindingVersion: '0.3.0' } },
    }
    operations[id] = {
      action: 'send',
      channel: ref('channels', id),
      summary: `Publish \`${type}\``,
      description: 'At least once, as a CloudEvent: consumers drop an `id` that they have handled before.',
      messages: [ref('channels', id, 'messages', name)],
    }
  }
  return { channels, operations }
}
