import { ParleyError } from '@parley/platform/parley-error.ts'
import { z } from 'zod'
import type { ChangePosition } from './conversation-store.ts'

/** Where a round of asking for changes is, and when it began, which a position at its end does without. */
export interface ChangeCursor {
  readonly position: ChangePosition
  readonly begunAt?: number | undefined
}

const cursor = z.tuple([z.number().int(), z.string().max(64), z.number().int().optional()])

/** Cursors are opaque to clients: base64url (RFC 4648 section 5) of a position. */
export const encodeCursor = ({ position: { changedAt, conversationId }, begunAt }: ChangeCursor): string =>
  Buffer.from(
    JSON.stringify([changedAt, conversationId, ...(begunAt === undefined ? [] : [begunAt])]),
  ).toString('base64url')

/** @throws ParleyError `validation-failed` for what is no cursor of ours */
export function decodeCursor(text: string): ChangeCursor {
  try {
    const [changedAt, conversationId, begunAt] = cursor.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
    )
    return { position: { changedAt, conversationId }, begunAt }
  } catch (error) {
    throw new ParleyError('validation-failed', {
      errors: [{ path: 'query.cursor', message: 'must be a cursor that an earlier answer gave' }],
      cause: error,
    })
  }
}
