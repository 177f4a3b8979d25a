import type { ConsumeMessage } from 'amqplib'
import { type Event, event as eventSchema } from '@parley/contracts/events.ts'
import { z } from 'zod'
import { OwnError } from '../own-error.ts'

/** No later try can make anything of this message. */
export class MalformedEventError extends OwnError {
  constructor(reason: string) {
    super(reason)
    this.name = 'MalformedEventError'
  }
}

/**
 * The event in a message, checked here and nowhere behind.
 * @throws MalformedEventError
 * @throws Error for a type that is not among `types`: a newer process may have bound the queue for it, so it
 *   must not be dropped, and comes to that process or to the dead letters
 */
export function readEvent({ content, properties }: ConsumeMessage, types: ReadonlySet<string>): Event {
  const declared: unknown = properties.type
  if (typeof declared === 'string') requireOneOf(types, declared)
  const result = eventSchema.safeParse(parse(content))
  if (!result.success) throw new MalformedEventError(z.prettifyError(result.error))
  requireOneOf(types, result.data.type)
  return result.data
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString())
  } catch {
    // What the parser says repeats what it read.
    throw new MalformedEventError('it is no JSON')
  }
}

function requireOneOf(types: ReadonlySet<string>, type: string): void {
  if (!types.has(type)) throw new OwnError(`nobody here handles ${type}`)
}
