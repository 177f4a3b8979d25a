import { conversationKind } from '@parley/contracts/conversations.ts'
import { problemCode } from '@parley/contracts/problem.ts'
import { sessionEndReason } from '@parley/contracts/sessions.ts'
import { socketEndReason } from '@parley/contracts/socket.ts'
import { timelineEntry, unknownEntry } from '@parley/contracts/timeline.ts'
import { z } from 'zod'

interface Schema {
  additionalProperties?: unknown
  enum?: unknown[]
  anyOf?: unknown[]
  type?: unknown
}

/** Lists that grow with later releases. */
const growing: ReadonlySet<unknown> = new Set([
  problemCode,
  conversationKind,
  sessionEndReason,
  socketEndReason,
])

/** The schemas that `leaveOpen` refers to, by the names that it uses. */
export const fallbacks = { UnknownEntry: unknownEntry }

/**
 * For the conversion of what we send to JSON Schema: answers may grow, so readers and generated clients must let
 * pass what they do not know. An object may gain fields (zod would say that it may not), a list of words may gain
 * words, and an entry may be of a new kind. What the services themselves check by stays as precise as it is.
 */
export function leaveOpen({ jsonSchema, zodSchema }: { jsonSchema: Schema; zodSchema: unknown }): void {
  if (zodSchema instanceof z.ZodObject) delete jsonSchema.additionalProperties
  if (growing.has(zodSchema)) {
    jsonSchema.anyOf = [
      { type: 'string', enum: jsonSchema.enum },
      { type: 'string', description: 'One that a later release adds.' },
    ]
    delete jsonSchema.enum
    delete jsonSchema.type
  }
  if (zodSchema === timelineEntry) jsonSchema.anyOf?.push({ $ref: '#/components/schemas/UnknownEntry' })
}
