import { ReplyError } from 'ioredis'
import { ParleyError } from '../parley-error.ts'
import type { RedisConnection } from './open-redis.ts'

/** Runs a script atomically; Redis keeps it by its hash. @throws ParleyError `unavailable` */
export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>

/** @param name unique on this connection, and no command of Redis */
export function defineScript({ client }: RedisConnection, name: string, lua: string): Script {
  client.defineCommand(name, { lua })
  // ioredis adds a method of that name, which its types cannot tell.
  const run = (client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[name]!
  return async (keys, args) => orUnavailable(run.call(client, keys.length, ...keys, ...args))
}

/**
 * The answer to a command. Without one the command may have been carried out nevertheless.
 * @throws ParleyError `unavailable` while Redis is away; what Redis itself says is an error stays one
 */
export async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ReplyError) throw error
    throw new ParleyError('unavailable', { retryAfterSeconds: 2, cause: error })
  }
}
