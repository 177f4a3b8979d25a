import { clientEvents, handshakeAuth, refused, serverEvents } from '@parley/contracts/socket.ts'
import {
  capitalized,
  type Channel,
  type Channels,
  type Message,
  nameOf,
  type Operation,
  ref,
} from './asyncapi-parts.ts'
import type { SchemaCollection } from './asyncapi-schemas.ts'

interface Words {
  readonly summary: string
  readonly description: string
}

/** One channel per socket event; its address is the event's name, and its ack is a reply in it. */
export function describeSockets({ add }: SchemaCollection): Channels {
  const channels: Record<string, Channel> = {}
  const operations: Record<string, Operation> = {}

  function addEvent(
    id: string,
    action: Operation['action'],
    { summary, description }: Words,
    event: Message,
    acks: readonly Message[] = [],
  ): void {
    const channel = ref('channels', id)
    const refsTo = (messages: readonly Message[]) =>
      messages.map(({ name }) => ref('channels', id, 'messages', name))
    channels[id] = {
      address: event.title,
      description: summary,
      servers: [ref('servers', 'gateway')],
      messages: Object.fromEntries([event, ...acks].map((message) => [message.name, message])),
    }
    operations[id] = {
      action,
      channel,
      summary,
      description,
      messages: refsTo([event]),
      ...(acks.length > 0 && { reply: { channel, messages: refsTo(acks) } }),
    }
  }

  const connecting = {
    summary: 'What a client gives as `auth` when it connects',
    description: 'A client that is not let in gets a `connect_error` with a problem in its `data`.',
  }
  addEvent('clientConnect', 'receive', connecting, message('connect', add(handshakeAuth, 'input')))
  for (const [name, { payload, ack, ...words }] of Object.entries(clientEvents)) {
    addEvent(nameOf('client', name), 'receive', words, message(name, add(payload, 'input')), [
      message(`${name} accepted`, add(ack, 'output')),
      message(`${name} refused`, add(refused, 'output')),
    ])
  }
  for (const [name, { payload, ...words }] of Object.entries(serverEvents)) {
    addEvent(nameOf('server', name), 'send', words, message(name, add(payload, 'output')))
  }
  return { channels, operations }
}

const message = (title: string, payload: Message['payload']): Message => ({
  name: capitalized(nameOf(title)),
  title,
  contentType: 'application/json',
  payload,
})
