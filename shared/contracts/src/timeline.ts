import { z } from 'zod'
import { id } from './ids.ts'
import { operation } from './operation.ts'
import { limit, seq, seqInQuery } from './paging.ts'
import { clientId, messageText } from './text.ts'

/** Of the two people whom the examples are about. */
export const conversationId = id.meta({ examples: ['6ee1ff75-949a-5a4f-ad50-945dd4892ef5'] })
export const messageId = id.meta({ examples: ['0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11'] })

/** Which data an answer is from. Servers of an earlier release do not say it. */
export const epoch = z.uuid().meta({
  description:
    'Which data this is. When it is another one than before, a backup was restored: forget cursors, seqs and what is ' +
    'shown, and load anew.',
  examples: ['4f0c1b0e-7a57-4a53-9d7e-0e2b1f6c9a10'],
})

const entryBase = {
  id: messageId,
  conversationId,
  seq: seq.min(1).meta({ description: 'Dense in its conversation: 1, 2, 3 …' }),
  senderId: z.uuid(),
  clientId,
  at: z.iso.datetime().meta({ description: 'When the server accepted it.' }),
}

export const messageCreatedEntry = z
  .object({
    ...entryBase,
    kind: z.literal('message-created'),
    body: z.object({ text: messageText, replyTo: messageId.optional() }).meta({ id: 'MessageCreatedBody' }),
  })
  .meta({ id: 'MessageCreatedEntry', description: 'Somebody said something.' })

const knownEntry = z
  .discriminatedUnion('kind', [messageCreatedEntry])
  .meta({ id: 'KnownEntry', description: 'An entry of a kind that this release knows.' })

/** What every entry is, whatever its kind. */
export const unknownEntry = z
  .object({
    ...entryBase,
    kind: z.string().meta({ examples: ['of-a-later-release'] }),
    body: z.looseObject({}),
  })
  .meta({
    id: 'UnknownEntry',
    description: 'An entry of any other kind, from a later release: it counts for seq, and shows nothing.',
  })

/**
 * One accepted change of a conversation, immutable. A new feature is a new kind, so clients must take an
 * unknown kind as "counts for seq, shows nothing": the documents name that branch, too.
 */
export const timelineEntry = z
  .union([knownEntry])
  .meta({ id: 'TimelineEntry', description: 'One accepted change of a conversation. Immutable.' })
export type TimelineEntry = z.infer<typeof timelineEntry>

/** A message as it is now: its `message-created` entry with the later entries about it folded in. */
export const message = z
  .object({
    id: messageId,
    conversationId,
    seq: entryBase.seq,
    senderId: z.uuid(),
    clientId,
    at: entryBase.at,
    text: z.string(),
    replyTo: messageId.optional(),
  })
  .meta({ id: 'Message', description: 'A message as it is now.' })
export type Message = z.infer<typeof message>

export const timelineQuery = z.strictObject({
  after: seqInQuery(0).default(0).meta({ default: 0, description: 'The last seq that the client has.' }),
  limit: limit(100),
})
export type TimelineQuery = z.infer<typeof timelineQuery>

export const timelineResponse = z
  .object({
    entries: z.array(timelineEntry).meta({ description: 'Oldest first, without holes.' }),
    head: seq.meta({ description: 'The newest seq of the conversation.' }),
    more: z.boolean().meta({ description: 'Whether entries follow the last one here.' }),
    epoch: epoch.optional(),
  })
  .meta({ id: 'TimelineResponse' })
export type TimelineResponse = z.infer<typeof timelineResponse>

export const getTimeline = operation({
  id: 'getTimeline',
  method: 'get',
  path: '/chat/conversations/:id/timeline',
  tag: 'Timeline',
  summary: 'What happened after a position, oldest first: how a client fills a hole',
  description:
    'Entries with a `seq` above `after`, without holes. A client that has `after` and takes all of them has everything up to the last one.',
  authenticated: true,
  params: z.strictObject({ id: conversationId }),
  query: timelineQuery,
  responses: { 200: timelineResponse },
  problems: ['conversation-not-found', 'rate-limited'],
})
