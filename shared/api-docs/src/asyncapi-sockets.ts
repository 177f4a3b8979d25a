import { clientEvents, handshakeAuth, refused, serverEvents } from '@parley/contracts/socket.ts'
import { type Channel, type Channels, type Message, type Operation, ref } from './asyncapi-parts.ts'
import type { SchemaCollection } from './asyncapi-schemas.ts'

/** One channel per socket event; its address is the event's name, and its ack is a reply in it. */
export function describeSockets({ add }: SchemaCollection): Channels {
  const channels: Record<string, Channel> = {}
  const operations: Record<string, Operation> = {}

  function addEvent(
    id: string,
    action: Operation['action'],
    summary: string,
    event: Message,
    acks: Readonly<Record<string, Message>> = {},
  ): void {
    const channel = ref('channels', id)
    const messages = (keys: readonly string[]) => keys.map((key) => ref('channels', id, 'messages', key))
    channels[id] = {
      address: event.name,
      description: summary,
      servers: [ref('servers', 'gateway')],
      messages: { event, ...acks },
    }
    operations[id] = {
      action,
      channel,
      summary,
      messages: messages(['event']),
      ...(Object.keys(acks).length > 0 && { reply: { channel, messages: messages(Object.keys(acks)) } }),
    }
  }

  const refusal = message('refused', add(refused, 'output'))

  addEvent(
    'client.connect',
    'receive',
    'What a client gives as `auth` when it connects',
    message('connect', add(handshakeAuth, 'input')),
  )
  for (const [name, { summary, payload, ack }] of Object.entries(clientEvents)) {
    addEvent(`client.${name}`, 'receive', summary, message(name, add(payload, 'input')), {
      accepted: message('accepted', add(ack, 'output')),
      refused: refusal,
    })
  }
  for (const [name, { summary, payload }] of Object.entries(serverEvents)) {
    addEvent(`server.${name}`, 'send', summary, message(name, add(payload, 'output')))
  }
  return { channels, operations }
}

const message = (name: string, payload: Message['payload']): Message => ({
  name,
  contentType: 'application/json',
  payload,
})
