import { z } from 'zod'
import { watermark } from './receipts.ts'
import { sessionEndReason } from './sessions.ts'
import { conversationId, epoch, timelineEntry } from './timeline.ts'
import { person } from './users.ts'

/** Whom to deliver to: the event says so, and no gateway asks anybody. */
const recipientIds = z.array(z.uuid())

/**
 * Broker events by type; the type is the routing key. A contract gains optional fields only, anything else
 * is a `v2` beside `v1`.
 */
export const eventData = {
  'users.user-registered.v1': z.object({ user: person }).meta({ id: 'UserRegisteredV1' }),
  'users.session-ended.v1': z
    .object({
      sessionId: z.uuid(),
      userId: z.uuid(),
      reason: sessionEndReason,
      startedBefore: z.iso.datetime().optional().meta({
        description:
          'All sessions of the user that began before this have ended, whatever their ids; when one began, its id (UUIDv7) says.',
      }),
      tokensUntil: z.iso.datetime().optional().meta({
        description: 'No access token of what ended is good after this.',
      }),
    })
    .meta({ id: 'SessionEndedV1' }),
  'chat.message-created.v1': z
    .object({ entry: timelineEntry, recipientIds })
    .meta({ id: 'MessageCreatedV1' }),
  'chat.epoch-began.v1': z.object({ epoch }).meta({ id: 'EpochBeganV1' }),
  'chat.receipt-advanced.v1': watermark
    .extend({ conversationId, recipientIds })
    .meta({ id: 'ReceiptAdvancedV1' }),
} as const

export type EventType = keyof typeof eventData
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>

const envelope = <T extends EventType>(type: T) =>
  z.object({
    specversion: z.literal('1.0'),
    /** Consumers drop an id that they have handled before. */
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.literal(type),
    subject: z.string().min(1),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    traceparent: z.string().optional(),
    data: eventData[type],
  })

/** CloudEvents 1.0, structured JSON. */
export const event = z.discriminatedUnion('type', [
  envelope('users.user-registered.v1').meta({ id: 'UserRegisteredV1Event' }),
  envelope('users.session-ended.v1').meta({ id: 'SessionEndedV1Event' }),
  envelope('chat.message-created.v1').meta({ id: 'MessageCreatedV1Event' }),
  envelope('chat.epoch-began.v1').meta({ id: 'EpochBeganV1Event' }),
  envelope('chat.receipt-advanced.v1').meta({ id: 'ReceiptAdvancedV1Event' }),
])
export type Event = z.infer<typeof event>
export type EventOf<T extends EventType> = Extract<Event, { type: T }>
