import { ParleyError } from '@parley/platform/parley-error.ts'
import { z } from 'zod'
import type { ChangePosition } from './conversation-store.ts'

const position = z.tuple([z.number().int(), z.string().max(64)])

/** Cursors are opaque to clients: base64url (RFC 4648 section 5) of a position. */
export const encodePosition = ({ changedAt, conversationId }: ChangePosition): string =>
  Buffer.from(JSON.stringify([changedAt, conversationId])).toString('base64url')

/** @throws ParleyError `validation-failed` for what is no cursor of ours */
export function decodePosition(cursor: string): ChangePosition {
  try {
    const [changedAt, conversationId] = position.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')),
    )
    return { changedAt, conversationId }
  } catch (error) {
    throw new ParleyError('validation-failed', {
      errors: [{ path: 'query.cursor', message: 'must be a cursor that an earlier answer gave' }],
      cause: error,
    })
  }
}
